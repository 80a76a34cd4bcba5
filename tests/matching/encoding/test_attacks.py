"""What somebody learns who holds an encoding: without the key nothing by dictionary, and little by counting."""

import hashlib
import hmac
from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from lianxin.matching.encoding.keyfile import TITLE
from lianxin.matching.encoding.tokens import BITS, FILTERS, LISTS, SINGLES, Encoder
from tests.matching.encoding.keys import KEY, OTHER, encoded, rows
from tests.matching.encoding.test_tokens import record
from tests.matching.rosters import number, person

SURNAMES = ["王"] * 300 + ["李"] * 200 + ["张"] * 100 + list("赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦尤许") * 40
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平"
START = date(1950, 1, 1)


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    """A list with a surname that a fifth of it bears, and a phone that a whole works gives."""
    return [
        person(
            f"R{n}",
            surname + GIVEN[n % 20] + GIVEN[(n * 7) % 20],
            id_number=number(f"210803{START + timedelta(days=n * 13):%Y%m%d}{n % 1000:03d}"),
            phone="13900000000" if n % 4 == 0 else f"139{n:08d}",
            region="210803",
            address=f"新兴街{n % 9 + 1}号2栋301室",
            employer="营口港务局",
        )
        for n, surname in enumerate(SURNAMES)
    ]


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(rows(encoded(tmp_path_factory.mktemp("attack"), "roster", *people)).values())


def all_hashes(encoding: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    singles = [(name, row[name]) for row in encoding for name in SINGLES if row[name] is not None]
    return Counter(singles + [(name, value) for row in encoding for name in LISTS for value in row[name]])


def test_a_dictionary_of_all_phones_and_numbers_yields_nothing_without_the_key(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]]
) -> None:
    seen = {value for _, value in all_hashes(encoding)}
    guesses: set[int] = set()
    for row in people:
        birth = f"{row['birth_date']:%Y%m%d}"
        for text in (
            row["phone"],
            row["id_number"],
            f"{birth}\x1f{row['phone']}",
            f"{row['phone']}\x1f{birth}",
        ):
            for purpose in ("number", "phone"):
                message = f"{TITLE}|{purpose}|{text}".encode()
                digests = [hashlib.sha256(text.encode()).digest(), hashlib.sha256(message).digest()]
                digests += [hmac.digest(key, message, "sha256") for key in (b"", b"\0" * 32, OTHER.secret)]
                guesses |= {int.from_bytes(digest[:8], "big", signed=True) for digest in digests}
    assert len(guesses) > len(people) * 20
    assert not guesses & seen


def test_the_same_dictionary_opens_every_number_with_the_key(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]]
) -> None:
    """So nobody doubts that the attack above is the right one: whoever has the key opens numbers (ADR 0028)."""
    seen = {row["number"] for row in encoding}
    told = {
        int.from_bytes(KEY.mac("number", row["id_number"].encode())[:8], "big", signed=True) for row in people
    }
    assert told == seen


def test_no_hash_is_common_though_values_are(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]]
) -> None:
    assert Counter(row["phone"] for row in people).most_common(1)[0][1] > 300
    assert Counter(row["name"][0] for row in people).most_common(1)[0][1] == 300
    (_, most), *_ = all_hashes(encoding).most_common(1)
    assert most <= 3


def bits(told: list[dict[str, Any]]) -> np.ndarray:
    words = np.array([[row[name] for name in FILTERS] for row in told], np.int64)
    return np.unpackbits(words.view(np.uint8), axis=1).astype(float)


def unhardened(people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The same filters without salt (one birth date for all) and without bits turned round."""
    with monkeypatch.context() as patched:
        patched.setattr("lianxin.matching.encoding.tokens.FLIPS", 0)
        columns = Encoder(KEY).encode(record(name=row["name"], birth=19700101) for row in people)
    return bits([dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)])


def test_a_common_surname_is_not_seen_by_counting_bits(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.sqrt(0.25 / len(people))
    hard, soft = (
        seen.mean(axis=0).reshape(2, BITS).std(axis=1).max()
        for seen in (bits(encoding), unhardened(people, monkeypatch))
    )
    assert hard < 1.3 * chance < 5 * chance < soft


def test_bits_of_a_common_surname_do_not_appear_together(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pattern mining looks for bits that are set together more often than by chance."""
    strongest = []
    for seen in (bits(encoding), unhardened(people, monkeypatch)):
        spread = seen.std(axis=0)
        tied = np.corrcoef(seen[:, spread > 0], rowvar=False)
        strongest.append(np.abs(tied - np.eye(len(tied))).max())
    assert strongest[0] < 0.2
    assert strongest[1] > 0.9


def test_who_bears_a_common_surname_is_not_nearer_to_another_who_does(
    encoding: list[dict[str, Any]], people: list[dict[str, Any]]
) -> None:
    by_record = {row["record"]: row for row in encoding}
    seen = bits([by_record[row["record_id"]] for row in people])
    wangs, others = seen[:300], seen[600:900]
    # How full a filter is tells how many shapes a name has; beyond that, two filters meet by chance.
    fill = [each.sum(axis=1).mean() for each in (wangs, others)]
    among = (wangs[:150] @ wangs[150:].T).mean() / fill[0] ** 2
    across = (wangs[:150] @ others[150:].T).mean() / (fill[0] * fill[1])
    assert abs(among - across) / across < 0.03
