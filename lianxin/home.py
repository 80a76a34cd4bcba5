"""Where this installation keeps everything it writes. Reading this module creates nothing."""

import os
from pathlib import Path

CODE = Path(__file__).resolve().parent


def home() -> Path:
    """LIANXIN_HOME, or `var` in the checkout, or `var` in the current folder of an installed package."""
    named = os.environ.get("LIANXIN_HOME")
    if named:
        return Path(os.path.realpath(Path(named).expanduser()))
    checkout = CODE.parent
    base = checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()
    return Path(os.path.realpath(base / "var"))
