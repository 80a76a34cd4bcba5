"""Who gets the money: sealed from the moment it is known, opened for finance alone."""

import json
import unicodedata
from dataclasses import asdict, dataclass, field

from lianxin.kernel import crypto
from lianxin.kernel.refusals import Invalid
from lianxin.kernel.text import Text

PURPOSE = "payee"
# Bank cards have 12 to 19 digits; accounts of organizations run up to 32.
_DIGITS = range(8, 33)
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Payee:
    """A bank account and its holder. Shows none of it when printed, so that none reaches a log."""

    name: str = field(repr=False)
    account: str = field(repr=False)
    bank: str = field(repr=False)


def clean_payee(*, name: str, account: str, bank: str) -> Payee:
    """A payee from what somebody typed; raises ``Invalid`` with every fault, by field."""
    account = "".join(unicodedata.normalize("NFKC", account).replace("-", "").split())
    name, bank = " ".join(name.split()), " ".join(bank.split())
    faults: dict[str, list[Text]] = {}
    if not name or len(name) > _LONGEST:
        faults["name"] = [Text("请填写收款人姓名。", "Enter the payee's name.")]
    if not (account.isascii() and account.isdigit() and len(account) in _DIGITS):
        faults["account"] = [
            Text("银行账号应为 8 到 32 位数字。", "A bank account has 8 to 32 digits and nothing else.")
        ]
    if not bank or len(bank) > _LONGEST:
        faults["bank"] = [Text("请填写开户银行。", "Enter the bank.")]
    if faults:
        raise Invalid(faults)
    return Payee(name, account, bank)


def seal_payee(payee: Payee, *, case_id: int) -> bytes:
    """Seal for finance; it opens only under the payout case it was sealed for."""
    return crypto.seal(
        json.dumps(asdict(payee), ensure_ascii=False), purpose=PURPOSE, aad=f"payout:{case_id}"
    )


def unseal_payee(sealed: bytes | memoryview, *, case_id: int) -> Payee:
    """The payee again. Callers decide who may ask, and write into the log that somebody did."""
    return Payee(**json.loads(crypto.unseal(bytes(sealed), purpose=PURPOSE, aad=f"payout:{case_id}")))
