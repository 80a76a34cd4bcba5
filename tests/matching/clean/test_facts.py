"""Sex and birth date."""

from datetime import date

import pytest

from lianxin.matching.clean.facts import clean_birth_date, clean_sex


@pytest.mark.parametrize(
    "given",
    [
        "1990-01-05",
        "1990/1/5",
        "1990.1.5",
        "1990年1月5日",
        "19900105",
        "1990-01-05 00:00:00",
        "１９９０－１－５",
        "19900105.0",
        "32878",
        "32878.0",
    ],
)
def test_a_birth_date_is_understood(given: str) -> None:
    assert clean_birth_date(given) == date(1990, 1, 5)


@pytest.mark.parametrize("given", ["", "1990", "1990-01", "1990-13-01", "1990-02-30", "0990-01-01", "不详"])
def test_what_is_no_day_is_nothing(given: str) -> None:
    assert clean_birth_date(given) is None


@pytest.mark.parametrize(
    ("given", "sex"),
    [
        ("男", "M"),
        ("男性", "M"),
        ("1", "M"),
        ("m", "M"),
        ("女", "F"),
        ("2.0", "F"),
        ("Female", "F"),
        ("0", None),
        ("未知", None),
    ],
)
def test_a_sex_is_understood(given: str, sex: str | None) -> None:
    assert clean_sex(given) == sex
