"""A waterfall as a picture: all of it is told, in both languages, and nothing runs in it."""

from xml.etree import ElementTree as ET

import pytest

from lianxin.matching import Limits, explain
from lianxin.matching.explaining import Waterfall
from lianxin.matching.picture import WIDTH, draw
from tests.matching.rosters import person, write
from tests.matching.test_households import BORN, NEW_HOME, OLD_HOME, WIFE, two_of_one_name

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def fall(tmp_path_factory: pytest.TempPathFactory) -> Waterfall:
    folder = tmp_path_factory.mktemp("lists")
    wife = person("R", "孙丽华", id_number=WIFE, **OLD_HOME)
    left = write(folder / "left.parquet", *two_of_one_name(**OLD_HOME), wife)
    listed = person("<H>", "王伟", **BORN, **NEW_HOME)
    right = write(folder / "right.parquet", listed, person("W", "孙丽华", id_number=WIFE, **NEW_HOME))
    return explain(left, right, "C1", "<H>", limits=Limits(threads=1))


def texts(picture: str) -> list[str]:
    root = ET.fromstring(picture)
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def test_every_weight_is_told_beside_its_words(fall: Waterfall) -> None:
    said = texts(draw(fall))
    for step in fall.steps:
        at = said.index(step.level_words.zh)
        assert said[at + 1] == (f"{step.weight:+.1f}".replace("-", "−") if step.weight else "0")
    assert said[said.index("同住的家人也已对上") + 1] == "+10.0"
    assert said[said.index("合计") + 1] == f"{fall.weight:+.1f}"
    assert said[-3:] == [
        f"另有 1 个候选，最强的权重 {fall.rivals[0].weight:+.1f}：概率由他们分享。",
        f"概率 {fall.probability:.6f}",
        fall.rule_words.zh,
    ]


def test_the_bars_stand_one_where_the_other_ends(fall: Waterfall) -> None:
    root = ET.fromstring(draw(fall))
    bars = [(float(r.get("x", 0)), float(r.get("width", 0))) for r in root.iter(f"{SVG}rect")][1:]
    steps = len(fall.steps) + sum(step.share is not None for step in fall.steps)
    assert len(bars) == steps + 3  # the start, the household, the sum
    assert all(x > 0 and x + width < WIDTH for x, width in bars)
    ends = {round(edge) for x, width in bars[:-1] for edge in (x, x + width)}
    (last_x, last_width) = bars[-1]
    assert round(last_x + last_width) in ends


def test_english_is_complete_and_lines_fit(fall: Waterfall) -> None:
    picture = draw(fall, "en")
    said = texts(picture)
    assert {"Same name", "Different addresses", "Others of the household are matched", "Sum"} <= set(said)
    assert not any("\u4e00" <= character <= "\u9fff" for text in said for character in text)
    assert " ".join(said).endswith(fall.rule_words.en)
    assert max(len(text) for text in said) <= 62


def test_keys_are_text_and_nothing_else_of_a_record_is_shown(fall: Waterfall) -> None:
    picture = draw(fall)
    assert "&lt;H&gt;" in picture
    assert not any(value in picture for value in ("王伟", "渤海路", "新兴街", "1972", WIFE))
    root = ET.fromstring(picture)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {"svg", "title", "rect", "line", "text"}
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title")
