"""Aims are told as held or not, and what was measured stands in the lines."""

from dataclasses import replace

from lianxin.bench.match.accuracy import Accuracy, KindAccuracy
from lianxin.bench.match.febrl import Likeness
from lianxin.bench.match.measuring import Compared, MatchResult, Measured
from lianxin.bench.match.people import Shape
from lianxin.bench.match.report import aims_of, match, table


def measured(name: str, roster: int, seconds: float, *, precision: float = 1.0) -> Measured:
    found = Accuracy(persons=10, precision=precision, recall_match=0.9, recall=0.995, in_review=0.01)
    shape = Shape(roster, roster // 5)
    stages, kinds = {"features": 1.5}, [KindAccuracy("father_son", 7, 0.8, 1.0)]
    return Measured(name, shape, seconds, 5_000_000_000, found, pairs=77, stages=stages, kinds=kinds)


def result(*, precision: float = 1.0, seconds: float = 80.0, larger: float = 900.0) -> MatchResult:
    ours = measured("lianxin match", 1_000_000, seconds, precision=precision)
    peers = [measured("splink", 1_000_000, 70.0), measured("recordlinkage", 100_000, 30.0)]
    lists = [
        Compared("usual", 2601, 1.0, "north", ours, peers),
        Compared("usual", 2601, 1.0, "north", measured("lianxin match", 10_000_000, larger)),
        Compared("harsher", 2602, 1.3, "south", measured("lianxin match", 1_000_000, 99.0)),
    ]
    return MatchResult(lists, [Likeness("lianxin", 1.0, 0.9996, 0.9998, 0.9999)])


def held(**changed: float) -> dict[str, bool]:
    return {aim.words: aim.held for aim in aims_of(result(**changed))}


def test_aims_that_are_held() -> None:
    aims = held()
    assert set(aims.values()) == {True}
    assert aims["1,000,000 x 200,000: time to splink's"]
    assert aims["growth from 1,000,000 x 200,000 to 10,000,000 x 2,000,000, linear is 1"]


def test_encodings_are_held_to_what_clear_text_finds() -> None:
    told = result()
    encoded = measured("encodings", 1_000_000, 260.0)
    found = {aim.words: aim for aim in aims_of(with_peer(told, encoded))}
    share = found["1,000,000 x 200,000, usual rates: found through encodings, of clear text's"]
    assert (share.value, share.held) == (1.0, True)
    fewer = replace(encoded, accuracy=replace(encoded.accuracy, recall=0.96, precision=0.998))
    found = {aim.words: aim for aim in aims_of(with_peer(told, fewer))}
    assert [words for words, aim in found.items() if not aim.held] == [
        "1,000,000 x 200,000, usual rates: precision of yes through encodings",
        "1,000,000 x 200,000, usual rates: found through encodings, of clear text's",
    ]


def with_peer(told: MatchResult, peer: Measured) -> MatchResult:
    first = replace(told.lists[0], peers=[*told.lists[0].peers, peer])
    return replace(told, lists=[first, *told.lists[1:]])


def test_aims_that_are_not_held() -> None:
    assert not held(precision=0.998)["1,000,000 x 200,000, usual rates: precision of match"]
    slow = held(seconds=92.0)
    assert not slow["1,000,000 x 200,000: seconds"]
    assert not slow["1,000,000 x 200,000: time to splink's"]
    steep = held(larger=1_300.0)
    assert not steep["growth from 1,000,000 x 200,000 to 10,000,000 x 2,000,000, linear is 1"]
    assert not steep["10,000,000 x 2,000,000: seconds"]


def test_the_harsher_list_is_held_to_accuracy_and_not_to_time() -> None:
    harsher = [words for words in held() if "harsher" in words]
    assert len(harsher) == 3


def test_lines_and_facts_say_the_same() -> None:
    told = match(result(precision=0.998))
    text = "\n".join(told.lines)
    assert "recordlinkage on lists of its own, 100,000 x 20,000" in text
    assert "father and son" in text
    assert "names 1.5 s" in text
    assert "NOT HELD" in text
    assert told.facts["lists"][0]["ours"]["accuracy"]["precision"] == 0.998
    assert [each["name"] for each in told.facts["lists"][0]["peers"]] == ["splink", "recordlinkage"]
    assert told.facts["febrl"][0]["f1"] == 0.9998


def test_columns_stand_under_one_another() -> None:
    assert table(("", "n"), [("one", "1"), ("eleven", "11")]) == [
        "           n",
        "  one      1",
        "  eleven  11",
    ]
