"""The icon sprite."""

from pathlib import Path

import pytest

from lianxin.web import sprite
from lianxin.web.icons import ICONS

DRAWN = """<svg viewBox="0 0 24 24">
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M1 1h2" />
</svg>"""


def test_symbol_keeps_the_drawing_without_the_blank_sheet() -> None:
    assert sprite.symbol("dot", DRAWN) == '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1h2" /></symbol>'


def test_symbol_refuses_a_file_without_a_drawing() -> None:
    with pytest.raises(ValueError, match="dot"):
        sprite.symbol("dot", "nothing")


def test_sprite_holds_every_icon_in_use(tmp_path: Path) -> None:
    for name in ICONS:
        (tmp_path / f"{name}.svg").write_text(DRAWN)
    drawn = sprite.sprite(tmp_path)
    assert drawn.count("<symbol ") == len(ICONS)
