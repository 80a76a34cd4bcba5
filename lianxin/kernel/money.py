"""Money in fen, the hundredth of a yuan: whole numbers only, never a float."""

from dataclasses import dataclass
from decimal import Decimal, DecimalException, InvalidOperation

from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

FEN_PER_YUAN = 100
# Ten trillion yuan: a column holds it, and sums of many such.
LARGEST = 10**15


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of renminbi in whole fen."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            message = f"money is whole fen, not {self.fen!r}"
            raise TypeError(message)

    @classmethod
    def yuan(cls, amount: int | str | Decimal) -> "Money":
        """From yuan.

        Raises ``Refused``: ``amount_invalid`` for text that is no amount or has parts of a fen, ``amount_too_large``
        beyond what any fund has ever held.
        """
        try:
            fen = Decimal(str(amount).replace(",", "").strip()) * FEN_PER_YUAN
            if not fen.is_finite() or fen != fen.to_integral_value():
                raise InvalidOperation
        except DecimalException:
            raise Refused(
                "amount_invalid",
                Text(
                    "金额须为数字，最多两位小数。", "Write the amount as a number with at most two decimals."
                ),
                field="amount",
            ) from None
        if abs(fen) > LARGEST:
            raise Refused(
                "amount_too_large",
                Text("金额太大，请核对。", "The amount is too large: please check it."),
                field="amount",
            )
        return cls(int(fen))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.fen + other.fen)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.fen - other.fen)

    def __neg__(self) -> "Money":
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        """Yuan with thousands separators: ``12,345.60``; whole yuan carry no decimals."""
        sign = "-" if self.fen < 0 else ""
        yuan, fen = divmod(abs(self.fen), FEN_PER_YUAN)
        return f"{sign}{yuan:,}" + (f".{fen:02d}" if fen else "")

    def split(self, shares: list[int]) -> list["Money"]:
        """Divide by whole-number shares so that the parts add up to the whole; the first ones get the odd fen.

        Raises ``ValueError`` when there is no share, or one is not positive.
        """
        if not shares or any(share <= 0 for share in shares):
            message = "shares must be positive"
            raise ValueError(message)
        total = sum(shares)
        parts = [self.fen * share // total for share in shares]
        for index in range(self.fen - sum(parts)):
            parts[index] += 1
        return [Money(part) for part in parts]
