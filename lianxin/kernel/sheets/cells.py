"""From a cell, as a spreadsheet or a CSV file holds it, to a value, or to a sentence that says what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text
from lianxin.workbooks import DANGEROUS

# Spreadsheets keep numbers with 15 digits; what is longer has already lost its end.
_EXACT = 10**15
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME = re.compile(r"[ T]?(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YES = {"是", "yes", "y", "true", "1", "√", "有"}
_NO = {"否", "no", "n", "false", "0", "×", "无"}


class CellFault(Exception):
    """What is wrong with one cell."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Asked(Protocol):
    """What a reader needs to know of its column."""

    @property
    def choices(self) -> Mapping[str, Text]:
        """Codes and their words."""

    @property
    def longest(self) -> int:
        """The most characters a text may have."""


def is_empty(cell: object) -> bool:
    """Whether nothing was entered."""
    return cell is None or cell == "" or (isinstance(cell, str) and cell.isspace())


def read_text(cell: object, column: Asked) -> str:
    """Text with single blanks; numbers lose the decimals that the spreadsheet gave them."""
    if isinstance(cell, str):
        text = " ".join(_unquoted(cell).split())
    elif isinstance(cell, bool):
        text = "TRUE" if cell else "FALSE"
    elif isinstance(cell, int | float):
        if abs(cell) >= _EXACT:
            raise CellFault(
                "number_lost_digits",
                Text(
                    "数字过长，末位已被表格程序改动；请将该列设为文本后重新填写。",
                    "The number is too long and its last digits are lost: format the column as text, enter it again.",
                ),
            )
        text = _shown(cell)
    else:
        text = cell.isoformat() if isinstance(cell, datetime | date | time) else str(cell)
    if len(text) > column.longest:
        raise CellFault(
            "too_long",
            Text("最多 {n} 个字。", "At most {n} characters.").format(n=column.longest),
        )
    return text


def read_decimal(cell: object, _column: Asked) -> Decimal:
    """A decimal number; thousands separators and full-width digits are understood."""
    try:
        number = Decimal(_figures(cell))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise CellFault("not_a_number", Text("应为数字。", "This should be a number."))
    return number


def read_integer(cell: object, column: Asked) -> int:
    """A whole number."""
    number = read_decimal(cell, column)
    if number != number.to_integral_value() or abs(number) >= _EXACT:
        raise CellFault("not_whole", Text("应为整数。", "This should be a whole number."))
    return int(number)


def read_money(cell: object, _column: Asked) -> Money:
    """An amount in yuan."""
    try:
        return Money.yuan(_figures(cell).removeprefix("¥").removesuffix("元"))
    except Refused as refused:
        raise CellFault(refused.code, refused.message) from None


def read_date(cell: object, column: Asked) -> date:
    """A day, from a date cell or written as 2025-01-31, 2025/1/31, 2025年1月31日 or 20250131."""
    return read_moment(cell, column).date()


def read_moment(cell: object, _column: Asked) -> datetime:
    """A moment in China; midnight where only the day is given."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=CHINA)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), tzinfo=CHINA)
    text = _figures(cell)
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    day = _DATE.match(text)
    clock = _TIME.fullmatch(text[day.end() :]) if day else None
    if day and (clock or day.end() == len(text)):
        parts = [int(part) for part in day.groups()] + [
            int(part or 0) for part in (clock.groups() if clock else ())
        ]
        try:
            return datetime(*parts, tzinfo=CHINA)  # type: ignore[arg-type,misc]
        except ValueError:
            pass
    raise CellFault(
        "not_a_date", Text("应为日期，如 2025-01-31。", "This should be a date such as 2025-01-31.")
    )


def read_yes_no(cell: object, _column: Asked) -> bool:
    """Yes or no, in the ways people tick a box."""
    if isinstance(cell, bool):
        return cell
    word = _word(cell)
    if word in _YES or word in _NO:
        return word in _YES
    raise CellFault("not_yes_no", Text("请填“是”或“否”。", "Write yes or no."))


def read_choice(cell: object, column: Asked) -> str:
    """The code of one of the column's choices."""
    word = _word(cell)
    for code, label in column.choices.items():
        if word in {code.casefold(), label.zh.casefold(), label.en.casefold()}:
            return code
    zh = "、".join(label.zh for label in column.choices.values())
    en = ", ".join(label.en for label in column.choices.values())
    raise CellFault("not_a_choice", Text(f"应为下列之一：{zh}。", f"This should be one of: {en}."))


READERS: dict[str, Callable[[object, Asked], Any]] = {
    "text": read_text,
    "decimal": read_decimal,
    "integer": read_integer,
    "money": read_money,
    "date": read_date,
    "moment": read_moment,
    "yes_no": read_yes_no,
    "choice": read_choice,
}


def _shown(cell: object) -> str:
    """A number in the 15 digits that spreadsheets show: a computed 0.3 is 0.3."""
    return format(cell, ".15g") if isinstance(cell, float) else str(cell)


def _figures(cell: object) -> str:
    text = unicodedata.normalize("NFKC", _unquoted(_shown(cell)))
    return text.replace(",", "").strip()


def _word(cell: object) -> str:
    return _unquoted(_shown(cell)).strip().casefold()


def _unquoted(text: str) -> str:
    """Without the mark that our own CSV files put before a dangerous beginning."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(DANGEROUS) else text
