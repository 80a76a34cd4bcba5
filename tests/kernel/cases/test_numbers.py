"""Case numbers."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.cases.numbers import clean_number, format_number

AT = datetime(2025, 6, 1, tzinfo=UTC)
numbers = st.integers(min_value=1, max_value=9_999_999).map(lambda n: format_number("H", AT, n))


def test_number_reads_kind_year_and_check() -> None:
    assert format_number("H", AT, 42).startswith("H25-000042-")


@given(numbers)
def test_number_is_found_however_it_is_typed(number: str) -> None:
    assert clean_number(number.lower().replace("-", " ")) == number


@given(numbers, st.data())
def test_number_with_one_wrong_character_is_refused(number: str, data: st.DataObject) -> None:
    places = [i for i, c in enumerate(number) if c.isdigit()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert clean_number(number[:place] + other + number[place + 1 :]) is None


@given(st.text(max_size=30))
def test_number_from_any_text_is_clean_or_none(text: str) -> None:
    cleaned = clean_number(text)
    assert cleaned is None or clean_number(cleaned) == cleaned
