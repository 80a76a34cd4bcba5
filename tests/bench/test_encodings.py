"""Through encodings nearly as many are found as in clear text; the shipped weights come from counting."""

from pathlib import Path

import pytest

from lianxin.bench.match.accuracy import accuracy
from lianxin.bench.match.encodings import fit_weights, through_encodings
from lianxin.bench.match.lists import Lists, make_lists
from lianxin.bench.match.people import Shape
from lianxin.matching import link
from lianxin.matching.encoding.linking import default_weights


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return make_lists(tmp_path_factory.mktemp("lists"), Shape(roster=5_000, listed=2_000), seed=909)


def test_encodings_find_nearly_what_clear_text_finds(lists: Lists, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    link(lists.clean_left, lists.clean_right, out=out)
    clear = accuracy(out, lists.truth, 2_000)
    told = through_encodings(lists, tmp_path / "encoded")
    assert told.accuracy.persons == clear.persons == 1_000
    assert told.accuracy.precision >= 0.997
    assert told.accuracy.recall_match >= 0.96 * clear.recall_match
    assert told.share_of(clear) >= 0.97
    assert told.accuracy.in_review <= 0.04
    assert told.answered.rows == 2_000


def test_weights_that_are_counted_anew_say_the_same(lists: Lists, tmp_path: Path) -> None:
    shipped = default_weights()
    counted = fit_weights(lists, tmp_path, yes=shipped.yes, review=shipped.review)
    assert counted.roster == 5_000
    assert list(counted.levels) == list(shipped.levels)
    for name in ("number", "phone", "home", "employer"):
        for levels in (counted.levels[name], shipped.levels[name]):
            assert levels["same"] > 0.5, name
            assert levels["same"] > levels.get("differs", 0) + 1, name
