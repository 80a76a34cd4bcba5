"""One person is cleaned as a list of one row is."""

from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lianxin.matching.clean.lists import COLUMNS
from lianxin.matching.clean.persons import clean_person
from tests.matching.clean.test_lists import ADDRESSES, NAMES, NUMBERS, PHONES, cleaned

EMPTY = st.none() | st.just("")
REGIONS = EMPTY | st.sampled_from(["410102", "410100", "410000", "郑州市", "210802", "nowhere", "451281"])
BIRTHS = EMPTY | st.sampled_from(["1985-03-12", "1985年3月12日", "19850312", "1985-13-01", "not known"])
ROWS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "id_number": EMPTY | NUMBERS,
        "sex": EMPTY | st.sampled_from(["男", "F", "2", "?"]),
        "birth_date": BIRTHS,
        "phone": EMPTY | PHONES,
        "region": REGIONS,
        "address": EMPTY | ADDRESSES,
        "employer": EMPTY | ADDRESSES | st.just("待业"),
    }
)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(ROWS, min_size=20, max_size=50))
def test_a_person_is_cleaned_as_a_list_of_one_row_is(
    tmp_path_factory: object, rows: list[dict[str, str | None]]
) -> None:
    folder = Path(str(tmp_path_factory.mktemp("list")))  # type: ignore[attr-defined]
    numbered = [{**row, "record_id": str(n)} for n, row in enumerate(rows)]
    found = {str(row["record_id"]): row for row in cleaned(folder, numbered)}  # type: ignore[arg-type]
    for row in numbered:
        person = clean_person(row)
        assert person == {column: found[str(row["record_id"])][column] for column in person}
    assert set(clean_person({})) == {*COLUMNS, "id_state"}


def test_nothing_known_is_nothing_cleaned() -> None:
    assert {column for column, value in clean_person({"name": ""}).items() if value} == set()
