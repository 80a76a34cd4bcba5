"""Names of people: without blanks, dots, titles and remarks, in simplified characters."""

import re

from lianxin.matching.clean.characters import plain, simplified
from lianxin.matching.surnames import compound_surnames

TITLES = (
    "先生", "女士", "小姐", "太太", "同志", "老师", "师傅", "主任", "副主任", "书记", "副书记", "主席", "副主席",
    "经理", "厂长", "科长", "处长", "局长", "班长", "组长", "院长", "校长", "医生", "大夫", "护士", "教授", "工程师",
)  # fmt: skip
# Said of a person instead of a name.
NOBODY = frozenset(
    {
        "不详",
        "未知",
        "无名",
        "无名氏",
        "保密",
        "无",
        "空",
        "匿名",
        "佚名",
        "待查",
        "NULL",
        "NA",
        "N/A",
        "NONE",
    }
)
_DOTS = re.compile(r"[·•.‧・∙⋅。●○˙`'’‘´“”\"*_]")
_BRACKETS = re.compile(r"[(\[{<【〔〈《「『][^)\]}>】〕〉》」』]*[)\]}>】〕〉》」』]?")
REMARK = re.compile(
    r"(?:已|现|原)?(?:退休|离休|去世|死亡|病故|离职|辞职|在职|在岗|退养|内退|借调|调出|调离|停薪|失联|迁出)"
    r"|已?故|户主|本人|配偶|丈夫|妻子|长子|次子|长女|次女|儿子|女儿|父亲|母亲|党员|团员|低保户?|残疾人?|困难(?:户|职工)?"
    r"|临时工|农民工|劳模|男|女|" + "|".join(TITLES)
)
FORMER = re.compile(r"(?:曾用名|原名|又名|别名|小名|曾名|英文名|乳名)[:为是]?")
_APART = re.compile(r"[/、,;|\\]")
_DASH = re.compile(r"(?<=[\u3400-\u9fff]{2})[-—–~:].*")
_OTHER = re.compile(r"[^\w\u3400-\U0003ffff]|[\d_]")
_TITLE = re.compile(f"(?:{'|'.join(sorted(TITLES, key=len, reverse=True))})$")
_SHORTEST = 2


def clean_name(given: str) -> str | None:
    """The name alone, or ``None`` where nobody is named.

    "张 三(已退休)" is 张三, "李四 女士" is 李四, "阿卜杜热合曼·买买提" loses its dot. A title stays when only a
    surname would be left: 李先生. Latin letters are capital.
    """
    text = plain(given)
    if text.upper() in NOBODY:
        return None
    text = _BRACKETS.sub(" ", text)
    text = FORMER.split(text)[0]
    text = _APART.split(text.strip(" /、,;|\\"))[0]
    text = _DASH.sub("", _DOTS.sub("", text))
    kept = [token for token in text.split() if not REMARK.fullmatch(token)]
    name = simplified(_OTHER.sub("", "".join(kept))).upper()
    name = _without_title(name)
    return name if name and name not in NOBODY else None


def _without_title(name: str) -> str:
    shorter = _TITLE.sub("", name)
    return name if len(shorter) < _SHORTEST or shorter in compound_surnames() else shorter
