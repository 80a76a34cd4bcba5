"""Unified social credit codes (GB 32100-2015): 18 characters that name an organization.

The check digit is python-stdnum's; its ``validate`` is not used, because it refuses the registrants of the armed
forces, of agriculture and others (``A…``, ``N…``, ``Y…``).
"""

import re
import unicodedata

from stdnum.cn import uscc

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text

LENGTH = 18
UNION = "8"
_SHAPE = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}")
_CATEGORIES = {
    "1": "1239",
    "2": "129",
    "3": "123459",
    "4": "129",
    "5": "1239",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "1239",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
_CENTRAL = "100000"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def clean_uscc(text: str) -> str:
    """The code as it is registered: capital letters, no spaces.

    Raises ``Refused("code_invalid")`` when it cannot be one. What merely looks odd is for :func:`uscc_doubts`.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _SHAPE.fullmatch(code):
        raise _invalid(
            Text(
                "统一社会信用代码为18位数字或大写字母（不含I、O、S、V、Z）。",
                "A unified social credit code has 18 digits or letters, without I, O, S, V and Z.",
            )
        )
    if code[-1] != uscc.calc_check_digit(code[:-1]):
        raise _invalid(
            Text(
                "统一社会信用代码校验位不符，请核对。",
                "The check character of the code does not fit: compare it again.",
            )
        )
    return code


def is_union_code(code: str) -> bool:
    """Whether a union registered it: ``81`` an enterprise union, ``89`` another body of the unions."""
    return code.startswith(UNION)


def uscc_doubts(code: str) -> list[Text]:
    """What is unusual about a valid code and worth a second look, never a reason to refuse it."""
    doubts = []
    if code[1] not in _CATEGORIES[code[0]]:
        doubts.append(Text("机构类别代码不常见。", "The category of the registrant is not a usual one."))
    if code[2:8] != _CENTRAL and not Region.objects.filter(pk=code[2:8]).exists():
        doubts.append(
            Text("代码中的行政区划不在名录内。", "The region in the code is not in the national list.")
        )
    if code[16] != _body_check(code[8:16]):
        doubts.append(
            Text(
                "主体标识码校验位不符（部分机构不适用）。",
                "The inner organization code does not check; not all do.",
            )
        )
    return doubts


def _body_check(body: str) -> str:
    """The check character of an organization code (GB 11714), of which positions 9 to 17 are made."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _BODY_WEIGHTS, strict=True))
    remainder = 11 - total % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def _invalid(message: Text) -> Refused:
    return Refused("code_invalid", message, field="code")
