"""Clean rosters as the engine reads them, written row by row."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

NAMES = (
    *(
        "record_id",
        "name",
        "id_number",
        "id_state",
        "sex",
        "birth_date",
        "phone",
        "region",
        "address",
        "employer",
    ),
    *("raw_name", "raw_id_number", "raw_phone", "raw_address"),
)
SCHEMA = pa.schema([(name, pa.date32() if name == "birth_date" else pa.string()) for name in NAMES])
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(body: str) -> str:
    """Seventeen digits with their check character."""
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def person(record_id: str, name: str, **known: Any) -> dict[str, Any]:
    """A record: a valid number gives sex and birthday unless they are given."""
    row = {"record_id": record_id, "name": name, **known}
    digits = known.get("id_number")
    if digits:
        row.setdefault("id_state", "valid" if number(digits[:17]) == digits else "bad_check")
        if len(digits) != 18:
            row["id_state"] = "partial"
    if row.get("id_state") == "valid" and digits:
        row.setdefault("sex", "M" if int(digits[16]) % 2 else "F")
        row.setdefault("birth_date", date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])))
    return row


def write(path: Path, *rows: dict[str, Any]) -> Path:
    """A clean roster."""
    pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), path)
    return path


def pairs(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Decision and reason of each pair."""
    rows = pq.read_table(path).to_pylist()
    return {(r["left_id"], r["right_id"]): (r["decision"], r["reason"]) for r in rows}
