"""Every template of the product: it compiles, and holds nothing that the page's policy forbids."""

import re
from pathlib import Path

import pytest
from django.template import engines

import lianxin

ROOT = Path(lianxin.__file__).parent
TEMPLATES = sorted(path for path in ROOT.rglob("templates/**/*.html"))
CHINESE = re.compile(r"[\u3400-\u9fff]")
QUOTED_IN_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*(\bsrc=|application/json))", re.IGNORECASE),
    "inline style": re.compile(r"<style|\sstyle=", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+=|hx-on", re.IGNORECASE),
}
# A language names itself in its own words.
SELF_NAMED = {"web/_choices.html": "中文"}


def _name(path: Path) -> str:
    return str(path).rpartition("templates/")[2]


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_compiles(path: Path) -> None:
    engines["django"].get_template(_name(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_holds_nothing_inline(path: Path) -> None:
    source = QUOTED_IN_TAG.sub("", path.read_text())
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_has_no_chinese_outside_the_tags(path: Path) -> None:
    if _name(path) == "web/gallery.html":
        pytest.skip("its made-up names are data")
    source = QUOTED_IN_TAG.sub("", COMMENT.sub("", path.read_text())).replace(
        SELF_NAMED.get(_name(path), "\0"), ""
    )
    assert CHINESE.findall(source) == []
