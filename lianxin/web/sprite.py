"""Build the icon sprite: ``python -m lianxin.web.sprite <folder of svg files> <sprite.svg>``."""

import re
import sys
from pathlib import Path

from lianxin.web.icons import ICONS

DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
BLANK_SHEET = re.compile(r"<path stroke=\"none\" d=\"M0 0h24v24H0z\"[^>]*/>")


def symbol(name: str, source: str) -> str:
    """One icon as a sprite symbol, without the blank sheet each file begins with."""
    found = DRAWING.search(source)
    if found is None:
        message = f"{name}.svg holds no drawing"
        raise ValueError(message)
    lines = (line.strip() for line in BLANK_SHEET.sub("", found[1]).splitlines())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(lines)}</symbol>'


def sprite(folder: Path) -> str:
    """All icons in use, in order of their names."""
    symbols = [symbol(name, (folder / f"{name}.svg").read_text()) for name in sorted(ICONS)]
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def main() -> None:
    """Write the sprite, only when it changed."""
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    drawn = sprite(folder)
    if not target.exists() or target.read_text() != drawn:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(drawn)


if __name__ == "__main__":
    main()
