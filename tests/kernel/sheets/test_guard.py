"""Files made to hurt the reader never reach it."""

import io
import re
import struct
import zipfile
import zlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.refusals import Refused
from lianxin.kernel.sheets.guard import Limits, guard_xlsx
from lianxin.workbooks import _greater, letter
from tests.kernel.sheets.conftest import rezipped, xlsx

LIMITS = Limits(rows=1000, columns=30, unpacked=1 << 20)
SHEET = "xl/worksheets/sheet1.xml"


def code_of(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        guard_xlsx(content, limits)
    return refused.value.code


def with_cell(reference: str) -> bytes:
    """A small file in which one cell gives itself another place."""
    content = xlsx(["姓名"], ["张三"])
    return rezipped(
        content,
        lambda name, data: data.replace(b'r="A2"', f"r={reference}".encode()) if name == SHEET else data,
    )


def test_a_usual_file_passes() -> None:
    guard_xlsx(xlsx(*([["张三"] * 30] * 1000)), LIMITS)


@pytest.mark.parametrize(
    "reference",
    ['"XFD1048576"', '"A1001"', '"AE2"', '"ae2"', "'AE2'", ' "AE2"', '"AAA2"', '"A99999"', '"ZZ5"'],
)
def test_a_cell_far_away_is_refused(reference: str) -> None:
    guard_xlsx(with_cell('"AD1000"'), LIMITS)
    assert code_of(with_cell(reference)) == "sheet_too_large"


def test_a_cell_far_away_on_the_seam_of_two_pieces_is_refused() -> None:
    for shift in range(0, 40, 3):
        padding = b" " * ((1 << 20) - 1200 + shift)
        content = rezipped(xlsx(["姓名"], ["张三"]), partial(_padded, padding))
        assert code_of(content, Limits(rows=1000, columns=30)) == "sheet_too_large"


def _padded(padding: bytes, name: str, data: bytes) -> bytes:
    if name != SHEET:
        return data
    return data.replace(b"<sheetData>", b"<sheetData>" + padding).replace(b'r="A2"', b'r="XFD9"')


def test_what_unpacks_to_too_much_is_refused() -> None:
    bomb = rezipped(
        xlsx(["姓名"]), lambda name, data: data + b" " * (2 << 20) if name.endswith("styles.xml") else data
    )
    assert len(bomb) < 20_000
    assert code_of(bomb) == "sheet_too_large"


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b" " * (4 << 20)) + packer.flush()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", packed)
    content = bytearray(out.getvalue())
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<H", content, 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<H", content, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<I", content, central + 24, 10)
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        assert archive.infolist()[0].file_size == 10
    assert code_of(bytes(content)) == "sheet_too_large"


def test_other_things_in_a_zip_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    assert code_of(out.getvalue()) == "sheet_unreadable"
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/workbook.bin", b"binary")
    assert code_of(out.getvalue()) == "sheet_unreadable"


@given(limit=st.integers(1, 1_048_576), number=st.integers(1, 9_999_999))
def test_greater_finds_exactly_the_later_numbers(limit: int, number: int) -> None:
    found = re.fullmatch(_greater(str(limit), "0123456789"), str(number)) is not None
    assert found == (number > limit)


@given(limit=st.integers(0, 16_383), index=st.integers(0, 16_383))
def test_greater_finds_exactly_the_later_columns(limit: int, index: int) -> None:
    pattern = _greater(letter(limit), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert (re.fullmatch(pattern, letter(index)) is not None) == (index > limit)


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16_383, "XFD")]
)
def test_letter_names_columns_as_spreadsheets_do(index: int, letters: str) -> None:
    assert letter(index) == letters
