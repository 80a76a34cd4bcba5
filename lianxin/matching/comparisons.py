"""The comparisons, as data: what is compared, in which steps, and how each step is said.

Each level is a condition on columns of the two records. The first that holds counts. `m` and `u` (how often it holds
among pairs that are one person, and among others) come from the model.
"""

from dataclasses import dataclass, field

from lianxin.matching.words import Words


@dataclass(frozen=True, slots=True)
class Level:
    """One step of likeness. `agrees` says how it is told: True agrees, False differs, None is not told."""

    name: str
    condition: str
    words: Words
    agrees: bool | None
    frequency: str | None = None
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, best level first."""

    name: str
    words: Words
    levels: tuple[Level, ...]
    columns: tuple[str, ...] = field(default=())


def _both(column: str) -> str:
    return f"{column}_l = {column}_r"


def _missing(*columns: str) -> Level:
    condition = " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)
    return Level("missing", condition, Words("未填", "not given"), None, nothing=True)


_BOTH_VALID = "id_state_l = 'valid' and id_state_r = 'valid'"
_SAME_LENGTH = "length(id_number_l) = length(id_number_r)"
# Rounded by a spreadsheet program, the numbers of all who were born there that day are equal.
_WHOLE = "id_number_l = id_number_r and length(id_number_l) = 18"
_PART = "(contains(id_number_l, id_number_r) or contains(id_number_r, id_number_l))"

NAME = Comparison(
    "name",
    Words("姓名", "name"),
    (
        _missing("name"),
        Level("exact", _both("name"), Words("姓名一致", "same name"), True, "name"),
        Level(
            "sound",
            "sound_l = sound_r or list_has_any(sounds_l, sounds_r)",
            Words("姓名同音", "names read the same"),
            True,
            "sound",
        ),
        Level(
            "look",
            "list_has_any(looks_l, looks_r)",
            Words("姓名有一个形近字", "names differ in one look-alike character"),
            True,
        ),
        Level(
            "near",
            "near_l = near_r or list_has_any(nears_l, nears_r)",
            Words("姓名音近", "names sound nearly the same"),
            True,
            "near",
        ),
        Level("order", _both("bag"), Words("姓名字序颠倒", "characters of the name in another order"), True),
        Level(
            "short",
            "list_has_any(slips_l, slips_r) and length(name_l) <> length(name_r)",
            Words("姓名多一字或少一字", "one character of the name more or less"),
            True,
        ),
        Level(
            "slip",
            "list_has_any(slips_l, slips_r)",
            Words("姓名有一字不同", "one character of the given name differs"),
            False,
        ),
        Level("given", _both("given"), Words("同名不同姓", "same given name, other surname"), False),
        Level("surname", _both("surname"), Words("同姓不同名", "same surname, other given name"), False),
        Level("else", "ELSE", Words("姓名不同", "other name"), False),
    ),
)

NUMBER = Comparison(
    "number",
    Words("身份证号", "identity number"),
    (
        _missing("id_number"),
        Level("exact", _WHOLE, Words("身份证号一致", "same identity number"), True),
        Level(
            "other",
            _BOTH_VALID,
            Words("身份证号不同且都有效", "different identity numbers, both valid"),
            False,
        ),
        Level(
            "digit",
            f"{_SAME_LENGTH} and hamming(id_number_l, id_number_r) = 1",
            Words("身份证号错一位", "one digit of the identity number differs"),
            True,
        ),
        Level(
            "swap",
            f"{_SAME_LENGTH} and hamming(id_number_l, id_number_r) = 2 "
            "and damerau_levenshtein(id_number_l, id_number_r) = 1",
            Words("身份证号两位颠倒", "two digits of the identity number swapped"),
            True,
        ),
        Level("cut", _PART, Words("身份证号缺一段", "part of the identity number is lost"), True),
        Level(
            "close",
            "damerau_levenshtein(id_number_l, id_number_r) <= 2",
            Words("身份证号差两位以内", "identity numbers differ in two places"),
            None,
        ),
        Level("else", "ELSE", Words("身份证号不同", "different identity numbers"), False),
    ),
)

BIRTH = Comparison(
    "birth",
    Words("出生日期", "birth date"),
    (
        _missing("birth"),
        Level("exact", _both("birth"), Words("出生日期一致", "same birth date"), True),
        Level(
            "swap",
            "birth_l // 10000 = birth_r // 10000 and birth_l % 100 = (birth_r // 100) % 100 "
            "and birth_r % 100 = (birth_l // 100) % 100",
            Words("出生月日颠倒", "day and month of birth swapped"),
            True,
        ),
        Level(
            "part",
            "birth_l // 100 = birth_r // 100 or birth_l % 10000 = birth_r % 10000 or "
            "(birth_l // 10000 = birth_r // 10000 and birth_l % 100 = birth_r % 100)",
            Words("出生日期有一段不同", "part of the birth date differs"),
            None,
        ),
        Level(
            "year",
            "birth_l // 10000 = birth_r // 10000",
            Words("出生年份相同、月日不同", "born in the same year, another day"),
            False,
        ),
        Level("else", "ELSE", Words("出生日期不同", "different birth dates"), False),
    ),
)

SEX = Comparison(
    "sex",
    Words("性别", "sex"),
    (
        _missing("sex"),
        Level("exact", _both("sex"), Words("性别一致", "same sex"), None),
        Level("else", "ELSE", Words("性别不同", "different sex"), False),
    ),
)

PHONE = Comparison(
    "phone",
    Words("手机号", "phone"),
    (
        _missing("phone"),
        Level("exact", _both("phone"), Words("手机号一致", "same phone"), True),
        Level(
            "digit",
            "length(phone_l) = length(phone_r) and hamming(phone_l, phone_r) = 1",
            Words("手机号错一位", "one digit of the phone differs"),
            True,
        ),
        Level("else", "ELSE", Words("手机号不同", "different phones"), False),
    ),
)

HOME = Comparison(
    "home",
    Words("住址", "address"),
    (
        _missing("street"),
        Level(
            "exact",
            "street_l = street_r and door_l = door_r and room_l = room_r",
            Words("住址一致", "same address"),
            True,
        ),
        Level(
            "door",
            "street_l = street_r and door_l = door_r and (room_l is null or room_r is null)",
            Words("门牌一致", "same street and number"),
            True,
        ),
        Level(
            "house",
            "street_l = street_r and door_l = door_r",
            Words("门牌一致、户室不同", "same street and number, another flat"),
            None,
        ),
        Level("street", "street_l = street_r", Words("同一条路", "same street"), None),
        Level("else", "ELSE", Words("住址不同", "different addresses"), False),
    ),
)

REGION = Comparison(
    "region",
    Words("地区", "region"),
    (
        _missing("region"),
        Level("exact", _both("region"), Words("区县一致", "same county"), None),
        Level("city", "region_l // 100 = region_r // 100", Words("同市", "same city"), None),
        Level("else", "ELSE", Words("地区不同", "different regions"), None),
    ),
)

EMPLOYER = Comparison(
    "employer",
    Words("单位", "employer"),
    (
        _missing("firm"),
        Level("exact", _both("firm"), Words("单位一致", "same employer"), True),
        Level(
            "part",
            "contains(firm_l, firm_r) or contains(firm_r, firm_l)",
            Words("单位名称相近", "similar employer"),
            True,
        ),
        Level("else", "ELSE", Words("单位不同", "different employers"), False),
    ),
)

COMPARISONS = (NUMBER, NAME, BIRTH, SEX, PHONE, HOME, REGION, EMPLOYER)
