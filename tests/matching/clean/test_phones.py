"""Phones."""

import pytest

from lianxin.matching.clean.phones import clean_phone

MOBILE = "13800000001"


@pytest.mark.parametrize(
    "given",
    [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "+86 13800000001",
        "0086-13800000001",
        "8613800000001",
        "17951 13800000001",
        "1795113800000001",
        "17951008613800000001",
        "013800000001",
        "１３８０００００００１",
        "\u202d13800000001\u202c",
        "13800000001.0",
        "13800000001/13900000002",
        "0371-65550001/13800000001",
        "13800000001转8",
    ],
)
def test_a_mobile_number_is_brought_to_eleven_digits(given: str) -> None:
    assert clean_phone(given) == MOBILE


@pytest.mark.parametrize(("given", "digits"), [("0371-65550001", "037165550001"), ("6555 0001", "65550001")])
def test_another_number_keeps_its_digits(given: str, digits: str) -> None:
    assert clean_phone(given) == digits


@pytest.mark.parametrize("given", ["", "无", "123456", "00000000000", "11111111111"])
def test_what_is_no_number_is_nothing(given: str) -> None:
    assert clean_phone(given) is None
