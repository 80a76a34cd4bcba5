"""The script of the replayed year: what is said and done, in data files, and the reading of them."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def read(name: str) -> dict[str, Any]:
    """One of the files beside this one."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
