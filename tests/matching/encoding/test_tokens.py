"""What of a record goes into its encoding, and what stays recognisable in it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianxin.matching.encoding.keyfile import Key
from lianxin.matching.encoding.tokens import (
    BITS,
    FILTERS,
    FLIPS,
    LISTS,
    NEEDED,
    SINGLES,
    WITH_BIRTH,
    WORDS,
    Encoder,
)
from lianxin.matching.names import name_forms
from tests.matching.encoding.keys import KEY, OTHER

SYLLABLES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平"
ZHANG: Mapping[str, Any] = {
    "name": "张晓清",
    "sex": "F",
    "id_number": "210803197103050021",
    "id_state": "valid",
    "birth": 19710305,
    "phone": "13912345678",
    "region": 210803,
    "street": "新兴街",
    "door": 12,
    "room": 301,
    "firm": "营口某某厂",
    "crowded_phone": False,
    "crowded_home": False,
}


def record(**changed: Any) -> dict[str, Any]:
    row = {**ZHANG, **changed}
    forms = name_forms(row["name"])
    return row | {name: getattr(forms, name) for name in ("nears", "surname_sounds", "given_sounds")}


def encoded(row: Mapping[str, Any], key: Key = KEY) -> dict[str, Any]:
    return {name: values[0] for name, values in Encoder(key).encode(iter([row])).items()}


def hashes(row: Mapping[str, Any], key: Key = KEY) -> dict[str, set[int]]:
    told = encoded(row, key)
    return {name: set(told[name]) for name in LISTS} | {name: {told[name]} - {None} for name in SINGLES}


def shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    left, right = hashes(one), hashes(other)
    return {name for name in left if left[name] & right[name]}


def likeness(one: Mapping[str, Any], other: Mapping[str, Any], kind: str, *, key: Key = KEY) -> float:
    filters = [
        [encoded(row, used)[f"{kind}{n}"] & ((1 << 64) - 1) for n in range(WORDS)]
        for row, used in ((one, KEY), (other, key))
    ]
    both: int = sum((a & b).bit_count() for a, b in zip(*filters, strict=True))
    each: int = sum(word.bit_count() for words in filters for word in words)
    return 2 * both / each


people = st.builds(
    record,
    name=st.text(SYLLABLES, min_size=2, max_size=4),
    birth=st.none() | st.dates(date(1930, 1, 1), date(2010, 1, 1)).map(lambda d: int(d.strftime("%Y%m%d"))),
    phone=st.none() | st.from_regex("1[3-9][0-9]{9}", fullmatch=True),
    room=st.none() | st.integers(1, 3000),
    region=st.none() | st.sampled_from([210803, 210802]),
    id_state=st.sampled_from(["valid", "bad_check", "partial", None]),
)


@settings(max_examples=40, deadline=None)
@given(people)
def test_equal_records_have_equal_encodings_under_one_key(row: dict[str, Any]) -> None:
    assert encoded(row) == encoded(dict(row))


@settings(max_examples=40, deadline=None)
@given(people)
def test_encodings_under_two_keys_have_nothing_in_common(row: dict[str, Any]) -> None:
    one, other = hashes(row), hashes(row, OTHER)
    assert not set().union(*one.values()) & set().union(*other.values())
    if row["birth"] is not None:
        assert likeness(row, row, "sound", key=OTHER) < 0.6
        assert encoded(row)["sound0"] != encoded(row, OTHER)["sound0"]


def test_every_column_has_a_hash_of_its_own() -> None:
    told = hashes(record())
    assert all(told.values())
    assert len(set().union(*told.values())) == sum(map(len, told.values()))


def test_a_full_record_and_its_needs_are_named() -> None:
    assert set(record()) | {"record_id"} == set(NEEDED)


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({"phone": "13900000000"}, {"phone", "name_phone"}),
        ({"id_state": "bad_check"}, {"number"}),
        ({"room": 302}, {"home", "name_home"}),
        ({"room": None}, {"home", "name_home"}),
        ({"door": 13}, {"home", "door", "name_home"}),
        ({"firm": None}, {"employer"}),
        ({"region": 210802}, {"name_region"}),
        ({"birth": 19710306}, set(WITH_BIRTH)),
        ({"birth": None}, set(WITH_BIRTH)),
        ({"name": "李晓清"}, {"surname", "name_phone", "name_home", "name_region"}),
        ({"name": "张晓请"}, set()),
        ({"sex": None}, set()),
        ({"crowded_phone": True}, {"name_phone"}),
        ({"crowded_home": True}, {"name_home"}),
    ],
)
def test_what_differs_takes_away_its_hashes_and_no_others(changed: dict[str, Any], lost: set[str]) -> None:
    assert shared(record(), record(**changed)) == {*LISTS, *SINGLES} - lost


def test_a_phone_or_home_that_a_family_shares_does_not_show() -> None:
    father = record(name="张德贵", birth=19450612, id_number="210803194506120015", sex="M", firm=None)
    assert shared(record(), father) == set()


def test_a_number_that_does_not_check_is_not_hashed() -> None:
    for state in ("bad_check", "partial", None):
        assert encoded(record(id_state=state))["number"] is None


def test_a_name_that_reads_the_same_has_the_same_sound_filter() -> None:
    assert likeness(record(), record(name="章小青"), "sound") == 1.0
    assert likeness(record(), record(name="章小青"), "shape") < 0.7


def test_a_look_alike_is_nearer_than_another_character() -> None:
    """Of one pair, noise may say otherwise; of many it does not."""
    births = [19500101 + n for n in range(28)]
    like, other = (
        sum(likeness(record(birth=b), record(birth=b, name=name), "shape") for b in births) / len(births)
        for name in ("张晓情", "张晓霞")
    )
    assert other + 0.02 < like < 1.0


def test_the_same_name_looks_unlike_under_another_birth_date() -> None:
    for kind in ("sound", "shape"):
        assert likeness(record(), record(), kind) == 1.0
        assert likeness(record(), record(birth=19710306), kind) < 0.65


def test_without_a_birth_date_there_is_no_filter() -> None:
    assert {encoded(record(birth=None))[name] for name in FILTERS} == {None}


def without_noise(row: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with monkeypatch.context() as patched:
        patched.setattr("lianxin.matching.encoding.tokens.FLIPS", 0)
        return encoded(row)


def test_some_bits_are_turned_round_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    turned = 0
    rows = [record(birth=19500101 + n) for n in range(28)]
    for row in rows:
        plain, told = without_noise(row, monkeypatch), encoded(row)
        turned += sum(((plain[name] ^ told[name]) & ((1 << 64) - 1)).bit_count() for name in FILTERS)
        assert told == encoded(row)
    expected = len(rows) * 2 * BITS * FLIPS / 256
    assert 0.75 * expected < turned < 1.25 * expected


def test_words_fit_a_database() -> None:
    told = encoded(record())
    with duckdb.connect() as con:
        for name in (*FILTERS, *SINGLES):
            assert con.execute("select ?::bigint", [told[name]]).fetchall() == [(told[name],)]


def test_names_of_any_length_and_script_are_encoded() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for name in ("阿卜杜热合曼买买提", "欧阳靖淳", "JOHN SMITH", "单", "𠮷野"):
            yield record(name=name)

    columns = Encoder(KEY).encode(rows())
    assert {len(values) for values in columns.values()} == {5}
    assert len(set(columns["sound0"])) == 5
