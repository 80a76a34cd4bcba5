"""The data files of the safety line into the dated tables: dictionaries, time limits, reward scales."""

import tomllib
from pathlib import Path
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.money import FEN_PER_YUAN
from lianxin.kernel.reference.loading import UNVERIFIED, BadData, load_reference
from lianxin.safety.models import RewardRule

FOLDER = Path(__file__).parent / "data"
_KEY = ("region_id", "regime", "basis", "risk_grade", "own_duty", "accident_grade", "valid_from")
_AMOUNTS = {"amount": "amount_fen", "floor": "floor_fen", "cap": "cap_fen"}


def load_safety() -> None:
    """Load everything, all of it or nothing; loading again changes nothing. The regions must be there."""
    with scope.act():
        load_reference(FOLDER)
        load_rewards(FOLDER / "rewards")


def load_rewards(folder: Path) -> int:
    """Bring the reward scales to what the folder's files say and return how many rows they hold.

    Raises ``BadData`` for a row without source, date or mark. A rule that has given an award keeps its row.
    """
    rows = [_row(path, row) for path in sorted(folder.glob("*.toml")) for row in _rules(path)]
    with scope.act():
        for row in rows:
            key = {name: row.pop(name) for name in _KEY}
            RewardRule.objects.update_or_create(**key, defaults=row)
    return len(rows)


def _rules(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        rules: list[dict[str, Any]] = tomllib.load(file)["rules"]
    return rules


def _row(path: Path, given: dict[str, Any]) -> dict[str, Any]:
    missing = {"regime", "basis", "valid_from", "source", "mark"} - given.keys()
    if missing:
        message = f"{path.name}: {given}: needs {sorted(missing)}"
        raise BadData(message)
    words = {
        name: given.get(name, "") for name in ("regime", "basis", "risk_grade", "own_duty", "accident_grade")
    }
    amounts = {
        column: given[name] * FEN_PER_YUAN if name in given else None for name, column in _AMOUNTS.items()
    }
    return {
        **words,
        **amounts,
        "percent": given.get("percent"),
        "region_id": given.get("region"),
        "valid_from": given["valid_from"],
        "valid_to": given.get("valid_to"),
        "source": given["source"],
        "verified": given["mark"][0] not in UNVERIFIED,
    }
