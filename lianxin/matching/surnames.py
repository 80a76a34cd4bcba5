"""What is known of surnames: how common each is, which have two characters, and how they are read."""

from functools import cache
from importlib.resources import files

# Characters that are read otherwise as a surname than in a word; a second reading is one that clerks also type.
SURNAME_READINGS = {
    "单": ("shan", "dan"),
    "仇": ("qiu", "chou"),
    "解": ("xie", "jie"),
    "区": ("ou", "qu"),
    "曾": ("zeng", "ceng"),
    "查": ("zha", "cha"),
    "盖": ("ge", "gai"),
    "任": ("ren",),
    "华": ("hua",),
    "纪": ("ji",),
    "覃": ("qin", "tan"),
    "翟": ("zhai", "di"),
    "尉": ("wei", "yu"),
    "尉迟": ("yu chi", "wei chi"),
    "万俟": ("mo qi", "wan si"),
    "缪": ("miao", "mou"),
    "乐": ("yue", "le"),
    "员": ("yun", "yuan"),
    "朴": ("piao", "pu"),
    "繁": ("po", "fan"),
    "召": ("shao", "zhao"),
    "秘": ("bi", "mi"),
    "折": ("she", "zhe"),
    "黑": ("he", "hei"),
    "种": ("chong", "zhong"),
    "洗": ("xian", "xi"),
    "冼": ("xian",),
    "教": ("jiao",),
    "逄": ("pang",),
    "晁": ("chao",),
    "郗": ("xi", "chi"),
    "令狐": ("ling hu",),
    "澹台": ("tan tai", "dan tai"),
    "长孙": ("zhang sun", "chang sun"),
    "宁": ("ning",),
    "幺": ("yao",),
    "么": ("yao", "me"),
    "牟": ("mou", "mu"),
    "隗": ("wei", "kui"),
    "燕": ("yan",),
    "訾": ("zi",),
    "卜": ("bu",),
    "车": ("che", "ju"),
    "费": ("fei", "bi"),
    "薄": ("bo", "bao"),
    "祭": ("zhai", "ji"),
    "谌": ("chen", "shen"),
    "褚": ("chu",),
    "贾": ("jia", "gu"),
    "阚": ("kan",),
    "邵": ("shao",),
    "石": ("shi",),
    "句": ("gou", "ju"),
    "哈": ("ha",),
    "藏": ("zang", "cang"),
    "行": ("xing", "hang"),
    "重": ("chong", "zhong"),
    "那": ("na",),
    "佴": ("nai", "er"),
    "强": ("qiang",),
    "应": ("ying",),
    "俞": ("yu", "shu"),
    "叶": ("ye",),
    "沈": ("shen",),
    "宓": ("mi", "fu"),
    "会": ("gui", "hui"),
    "过": ("guo",),
    "柏": ("bai", "bo"),
    "臧": ("zang",),
}


@cache
def surname_shares() -> dict[str, float]:
    """The share of people who bear each surname, in the order of the table; 1 would be everybody."""
    text = files("lianxin.matching").joinpath("data/surnames.txt").read_text("utf-8")
    pairs = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {surname: float(percent) / 100 for surname, percent in pairs}


@cache
def compound_surnames() -> frozenset[str]:
    """Surnames of two characters and more."""
    text = files("lianxin.matching").joinpath("data/compound-surnames.txt").read_text("utf-8")
    return frozenset(text.split())
