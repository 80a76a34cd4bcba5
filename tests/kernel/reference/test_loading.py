"""Data files into the tables; and what every data file of the product must say."""

import json
from dataclasses import astuple
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import lianxin
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.reference.loading import FOLDER, UNVERIFIED, BadData, load_reference, read
from lianxin.kernel.reference.models import Parameter, Term
from lianxin.kernel.reference.queries import parameter, term_label, terms
from lianxin.kernel.reference.services import set_parameter
from tests.kernel.reference.test_services import AT

DATA_FILES = sorted(Path(lianxin.__file__).parent.glob("**/data/*.toml"))
ROWS = """
[[parameters]]
name = "limit"
region = "210800"
value = { amount = 5, unit = "working_days" }
valid_from = 2024-01-01
source = "市文件〔2024〕1号"
mark = "V"

[[parameters]]
name = "limit"
value = 7
valid_from = 2024-01-01
source = "惯例"
mark = "U"

[[terms]]
dictionary = "colour"
scheme = "one"
valid_from = 2024-01-01
source = "标准"
mark = "V2"
rows = [
  { code = "r", zh = "红", en = "red" },
  { code = "o", zh = "橙", en = "orange", mark = "X" },
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one data file."""
    (tmp_path / "a.toml").write_text(ROWS)
    return tmp_path


def _rewrite(folder: Path, before: str, after: str) -> None:
    assert before in ROWS
    (folder / "a.toml").write_text(ROWS.replace(before, after))


def test_load_reference_writes_rows_with_source_and_mark(regions: None, folder: Path) -> None:
    assert astuple(load_reference(folder)) == (4, 0, 0)
    assert parameter("limit", region="210804", on=date(2026, 1, 1)) == {"amount": 5, "unit": "working_days"}
    assert parameter("limit", region=None, on=date(2026, 1, 1)) == 7
    assert list(Parameter.objects.order_by("verified").values_list("verified", "source")) == [
        (False, "惯例"),
        (True, "市文件〔2024〕1号"),
    ]
    assert [(term.code, term.verified) for term in terms("colour", None)] == [("r", True), ("o", False)]


def test_load_reference_again_changes_nothing(regions: None, folder: Path) -> None:
    load_reference(folder)
    assert astuple(load_reference(folder)) == (0, 0, 0)


def test_load_reference_brings_changes(regions: None, folder: Path) -> None:
    load_reference(folder)
    _rewrite(folder, "value = 7", "value = 8")
    assert astuple(load_reference(folder)) == (0, 1, 0)
    assert parameter("limit", region=None, on=date(2026, 1, 1)) == 8


def test_load_reference_ends_a_row_and_adds_the_next(regions: None, folder: Path) -> None:
    load_reference(folder)
    following = '\n[[parameters]]\nname = "limit"\nvalue = 9\nvalid_from = 2025-01-01\nsource = "新"\n'
    _rewrite(folder, "value = 7\n", "value = 7\nvalid_to = 2024-12-31\n")
    (folder / "b.toml").write_text(following)
    assert astuple(load_reference(folder)) == (1, 1, 0)
    assert parameter("limit", region=None, on=date(2026, 1, 1)) == 9


def test_load_reference_keeps_what_was_set_by_hand(regions: None, folder: Path) -> None:
    load_reference(folder)
    set_parameter(
        "limit", value=6, region=None, valid_from=date(2025, 1, 1), source="决定", actor=SYSTEM, at=AT
    )
    _rewrite(folder, "value = 7", "value = 8")
    assert astuple(load_reference(folder)) == (0, 0, 1)
    assert parameter("limit", region=None, on=date(2026, 1, 1)) == 6
    assert parameter("limit", region=None, on=date(2024, 6, 1)) == 7


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('source = "惯例"', "", "limit: needs a source"),
        ('source = "惯例"', 'source = " "', "limit: needs a source"),
        ('source = "标准"', "", "colour/r: needs a source"),
        ('mark = "U"', 'mark = "U"\nverified = true', "limit: is marked U and cannot be verified"),
        ('mark = "X"', 'mark = "X", verified = true', "colour/o: is marked X and cannot be verified"),
        ('mark = "U"', 'mark = "Q"', "limit: unknown mark Q"),
        ("value = 7\nvalid_from = 2024-01-01", "value = 7", "limit: needs valid_from, a date"),
        ("value = 7", "valeu = 7", "limit: unknown ['valeu']"),
        ("value = 7", "", "limit: needs a name and a value"),
        ('zh = "红"', 'zhongwen = "红"', "colour/r: unknown ['zhongwen']"),
        ('zh = "红", ', "", "colour/r: needs ['zh']"),
        ("[[terms]]", "[[words]]", "words: unknown table"),
        ("[[terms]]", "[[terms", "file: "),
    ],
)
def test_load_reference_refuses_and_writes_nothing(
    regions: None, folder: Path, before: str, after: str, fault: str
) -> None:
    _rewrite(folder, before, after)
    with pytest.raises(BadData) as refusal:
        load_reference(folder)
    assert str(refusal.value).startswith(f"a.toml: {fault}")
    assert not Parameter.objects.exists()
    assert not Term.objects.exists()


def test_load_reference_asks_for_the_region_codes_first(db: None, folder: Path) -> None:
    with pytest.raises(BadData, match="210800: no such region is loaded; run load-regions first"):
        load_reference(folder)
    assert not Term.objects.exists()


def test_load_reference_command_says_what_it_did(regions: None, folder: Path) -> None:
    out = StringIO()
    call_command("load_reference", str(folder), as_json=True, stdout=out)
    call_command("load_reference", str(folder), stdout=out)
    said, again = out.getvalue().splitlines()
    assert json.loads(said) == {"added": 4, "changed": 0, "kept": 0}
    assert again == "added 0, changed 0, kept as set by hand 0"
    _rewrite(folder, 'source = "惯例"', "")
    with pytest.raises(CommandError, match="needs a source"):
        call_command("load_reference", str(folder), stdout=out)


def test_load_reference_loads_the_kernels_own_data(db: None) -> None:
    loaded = load_reference(FOLDER)
    assert loaded.added > 70
    assert [term.code for term in terms("industry", date(2026, 1, 1))] == list("ABCDEFGHIJKLMNOPQRST")
    assert term_label("equipment_kind", "ropeway").en == "ropeway"
    assert parameter("escalation.pause", region="210800", on=None) == {"amount": 3, "unit": "working_days"}


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_row_of_every_data_file_has_a_source(path: Path) -> None:
    parameters, words = read(path)
    assert parameters or words
    assert all(row["source"].strip() for row in (*parameters, *words))


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_parent_of_a_term_is_in_its_scheme(path: Path) -> None:
    _, words = read(path)
    known = {(row["dictionary"], row["scheme"], row["code"]) for row in words}
    named = {(row["dictionary"], row["scheme"], row["parent_code"]) for row in words if row["parent_code"]}
    assert named <= known


def test_marks_that_stay_unverified_are_those_of_the_domain_facts() -> None:
    assert {"U", "X"} == UNVERIFIED
