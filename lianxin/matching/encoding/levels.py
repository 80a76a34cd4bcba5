"""How alike two encodings are: a level for each thing that can be told from keyed hashes and filters.

Birth dates that agree show in a hash that holds them; names are compared only then, for filters are salted with them.
"""

from lianxin.matching.encoding.tokens import LISTS, WITH_BIRTH, WORDS

# Two records are looked at when they share one of these.
BLOCKS = ("number", "surname", "given", "phone", "door", "employer", "name_phone", "name_home")
# From this likeness (Dice) on, two filters are of the same readings; of a name nearly the same; of a part of it.
SAME, ALIKE, PART = 0.97, 0.70, 0.56

_DIFFERS = "{0}_l <> {0}_r"


def _dice(kind: str) -> str:
    both = " + ".join(f"bit_count({kind}{n}_l & {kind}{n}_r)::integer" for n in range(WORDS))
    each = " + ".join(
        f"bit_count({kind}{n}_l)::integer + bit_count({kind}{n}_r)::integer" for n in range(WORDS)
    )
    return f"2.0 * ({both}) / greatest(1, {each})"


def _shares(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)" if column in LISTS else f"{column}_l = {column}_r"


_SAME_BIRTH = " or ".join(f"coalesce({_shares(column)}, false)" for column in WITH_BIRTH)

# Columns that the levels are told from.
LIKENESS = f"({_SAME_BIRTH}) as born_alike, {_dice('sound')} as sound, {_dice('shape')} as shape"

LEVELS = {
    "number": """case when number_l is null or number_r is null then 'unknown' when number_l = number_r then 'same'
      else 'differs' end""",
    "birth": """case when born_alike then 'same' when sound is null then 'unknown' else 'differs' end""",
    "name": f"""case
      when not born_alike and ({_shares("name_phone")} or {_shares("name_home")}) then 'near'
      when not born_alike then 'unknown'
      when sound >= {SAME} and shape >= {SAME} then 'same' when sound >= {SAME} then 'sound'
      when sound + shape >= 2 * {ALIKE} then 'alike' when sound + shape >= 2 * {PART} then 'part' else 'differs' end""",
    "phone": f"""case when phone_l = phone_r or {_shares("name_phone")} then 'same'
      when born_alike and phone_l <> phone_r then 'differs' else 'unknown' end""",
    "home": f"""case when home_l = home_r or {_shares("name_home")} then 'same' when door_l = door_r then 'door'
      when born_alike and door_l <> door_r then 'differs' else 'unknown' end""",
    "employer": """case when employer_l = employer_r then 'same' when born_alike and employer_l <> employer_r
      then 'differs' else 'unknown' end""",
    "region": """case when name_region_l = name_region_r then 'same' when born_alike and name_region_l <> name_region_r
      then 'differs' else 'unknown' end""",
}
NAMES = tuple(LEVELS)
