"""Unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from lianxin.kernel.orgs.codes import clean_uscc, is_union_code, uscc_doubts
from lianxin.kernel.refusals import Refused

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _checked(body: str) -> str:
    return body + uscc.calc_check_digit(body)


@pytest.mark.parametrize(
    "text",
    ["91110000600037341L", "91110000600037341l", "９１１１００００ 6000 37341L", "911100-00600037341L"],
)
def test_clean_uscc_takes_it_as_people_write_it(text: str) -> None:
    assert clean_uscc(text) == "91110000600037341L"


@pytest.mark.parametrize("start", ["A1", "N1", "N2", "Y1", "81", "89", "52"])
def test_clean_uscc_takes_every_department(start: str) -> None:
    code = _checked(start + "210804MA1K2B3C4"[:15])
    assert clean_uscc(code) == code
    assert is_union_code(code) is start.startswith("8")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9111",
        "91110000600037341L1",
        "01110000600037341L",
        "Z1110000600037341L",
        "9111000060003734IL",
        "90110000600037341L",
    ],
)
def test_clean_uscc_refuses_what_cannot_be_one(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        clean_uscc(text)
    assert (refusal.value.code, refusal.value.field) == ("code_invalid", "code")


@given(
    body=st.from_regex(r"[1-9][1-9][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{9}", fullmatch=True),
    position=st.integers(0, 17),
    data=st.data(),
)
def test_clean_uscc_catches_any_one_wrong_character(body: str, position: int, data: st.DataObject) -> None:
    code = _checked(body)
    assert clean_uscc(code) == code
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != code[position]]))
    with pytest.raises(Refused):
        clean_uscc(code[:position] + wrong + code[position + 1 :])


def test_uscc_doubts_are_none_for_a_usual_code(region_codes: None) -> None:
    assert uscc_doubts("91110000600037341L") == []


def test_uscc_doubts_never_refuse(region_codes: None) -> None:
    odd = _checked("95" + "999999" + "600037349")
    assert clean_uscc(odd) == odd
    assert [doubt.en for doubt in uscc_doubts(odd)] == [
        "The category of the registrant is not a usual one.",
        "The region in the code is not in the national list.",
        "The inner organization code does not check; not all do.",
    ]


def test_uscc_doubts_accept_central_registrants(region_codes: None) -> None:
    assert uscc_doubts(_checked("81" + "100000" + "600037341")) == []
