"""What holds where and when: the nearest region first, then the latest day."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.reference.cache import remembered
from lianxin.kernel.reference.models import Dated, Parameter, Term
from lianxin.kernel.text import Text

REQUIRED: Final = object()


class NoReference(LookupError):
    """No row of the dated tables holds there and then."""


def parameter(name: str, *, region: Region | str | None, on: date | None, default: Any = REQUIRED) -> Any:
    """The value of a parameter in a region on a day: county, then prefecture, province, nation.

    ``region`` may be a code; ``on=None`` asks for the newest row. The shape of the value belongs to the name.
    Raises ``NoReference`` when no row holds, unless there is a ``default``.
    """
    found = parameter_row(name, region=region, on=on)
    if found is not None:
        return found.value
    if default is REQUIRED:
        message = f"no parameter {name} for {_code(region) or 'the nation'} on {on or 'any day'}"
        raise NoReference(message)
    return default


def parameter_row(name: str, *, region: Region | str | None, on: date | None) -> Parameter | None:
    """The row that decides, with its source and whether it is verified; ``None`` when there is none."""
    by_region = remembered("parameters", _parameters).get(name)
    if by_region is None:
        return None
    for code in lineage(region):
        holding = [row for row in by_region.get(code, ()) if _holds(row, on)]
        if holding:
            return max(holding, key=lambda row: row.valid_from)
    return None


def lineage(region: Region | str | None) -> list[str | None]:
    """A region's code and those above it, nearest first, down to ``None`` for the nation.

    A code in the shape of GB/T 2260 tells its own parents, retired ones included.
    """
    code = _code(region)
    if code is None:
        return [None]
    above = [code, code[:4] + "00", code[:2] + "0000"]
    return [*dict.fromkeys(above), None]


def terms(dictionary: str, on: date | None, scheme: str | None = None) -> list[Term]:
    """The entries of a dictionary that hold on a day (``None``: the newest), in their order."""
    holding = []
    for (of_scheme, _), rows in remembered("terms", _terms).get(dictionary, {}).items():
        fitting = [row for row in rows if _holds(row, on)]
        if fitting and scheme in {None, of_scheme}:
            holding.append(max(fitting, key=lambda row: row.valid_from))
    return sorted(holding, key=lambda row: (row.scheme, row.position, row.code))


def term_label(dictionary: str, code: str, on: date | None = None, scheme: str | None = None) -> Text:
    """The words of an entry on a day; an entry out of force still has its last words, on old papers.

    Raises ``NoReference`` for a code that the dictionary never had.
    """
    by_code = remembered("terms", _terms).get(dictionary, {})
    rows = [
        row
        for (of_scheme, of_code), dated in by_code.items()
        if of_code == code and scheme in {None, of_scheme}
        for row in dated
    ]
    if not rows:
        message = f"no term {code} in {dictionary}"
        raise NoReference(message)
    row = max(rows, key=lambda row: (_holds(row, on), row.valid_from))
    return Text(row.zh, row.en)


def _code(region: Region | str | None) -> str | None:
    return region.pk if isinstance(region, Region) else region


def _holds(row: Dated, on: date | None) -> bool:
    return on is None or (row.valid_from <= on and (row.valid_to is None or on <= row.valid_to))


def _parameters() -> dict[str, dict[str | None, list[Parameter]]]:
    found: dict[str, dict[str | None, list[Parameter]]] = defaultdict(lambda: defaultdict(list))
    for row in Parameter.objects.all():
        found[row.name][row.region_id].append(row)
    return found


def _terms() -> dict[str, dict[tuple[str, str], list[Term]]]:
    found: dict[str, dict[tuple[str, str], list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in Term.objects.all():
        found[row.dictionary][row.scheme, row.code].append(row)
    return found
