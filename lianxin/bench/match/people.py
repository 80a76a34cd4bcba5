"""A universe of invented people in households, and the roster that knows most of them. DuckDB draws them from a seed.

Hard on purpose: twins, father and son under one roof with one phone, brothers and sisters who share a character, names
with a dot, and crowds who bear one common name and were born the same day.
"""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from lianxin.bench.match.draws import SLOTS, make_draws
from lianxin.bench.match.words import NORTH, Folk
from lianxin.matching.clean.numbers import CHECKS, WEIGHTS

_CROWD_NAMES = [
    "王伟",
    "李伟",
    "王芳",
    "李娜",
    "张伟",
    "王静",
    "李静",
    "张敏",
    "刘伟",
    "王秀英",
    "李秀英",
    "张丽",
]


@dataclass(frozen=True, slots=True)
class Shape:
    """How many rows each list has, and the part of the list that the roster knows."""

    roster: int
    listed: int
    known: float = 0.5

    @property
    def matches(self) -> int:
        """Persons in both."""
        return min(self.roster, round(self.listed * self.known))

    @property
    def people(self) -> int:
        """Everybody, in either."""
        return self.roster + self.listed - self.matches


def make_people(con: DuckDBPyConnection, shape: Shape, seed: int, folk: Folk = NORTH) -> None:
    """Make the table `people`, one row for each, and the macro `u(i, salt)`, evenly spread over 0 to 1."""
    con.execute(
        f"create or replace macro u(i, salt) as (hash(i, salt, {seed}) >> 11)::double / 9007199254740992.0"
    )
    con.execute(f"create or replace macro slot(i, salt) as (u(i, salt) * {SLOTS})::integer % {SLOTS}")
    make_draws(con, folk)
    households = shape.people // 2 + 10
    for statement in (
        _HOUSEHOLDS.format(households=households),
        _MEMBERS.format(people=shape.people),
        _NAMES,
        _NUMBERS,
        _PEOPLE.format(
            crowd=", ".join(f"'{name}'" for name in _CROWD_NAMES),
            crowds=len(_CROWD_NAMES),
            employers=max(20, shape.people // 150),
            check=check_character_sql("body"),
        ),
    ):
        con.execute(statement)
    for table in ("household", "member", "named", "numbered"):
        con.execute(f"drop table {table}")


def check_character_sql(number: str) -> str:
    """The check character of the first 17 digits of a column, in SQL."""
    summed = " + ".join(f"{weight} * {number}[{n}]::int" for n, weight in enumerate(WEIGHTS, start=1))
    return f"substr('{CHECKS}', 1 + ({summed}) % 11, 1)"


_HOUSEHOLDS = """
create table household as
select h, s.word as surname, left(r.word, 6) as region, substr(r.word, 7) as place,
  case when u(h, 'size') < .15 then 1 when u(h, 'size') < .40 then 2 when u(h, 'size') < .75 then 3
    when u(h, 'size') < .92 then 4 else 5 end as size,
  1945 + floor(u(h, 'year') * 55)::integer as year,
  u(h, 'minority') < .025 as uyghur, u(h, 'minority') between .025 and .04 as other
from range({households}) as t(h)
join draw_surname as s on s.slot = slot(h, 'surname')
join draw_region as r on r.slot = slot(h, 'region')
"""

# 0 head, 1 spouse, 2 and 3 children (3 may be the twin of 2), 4 the father of the head.
_MEMBERS = """
create table member as
select row_number() over (order by h, k) - 1 as i, * from (
  select h.*, k, k = 3 and u(h.h, 'twins') < .08 as twin,
    case when k = 4 then true when k < 2 then (u(h.h, 'head') < .7) = (k = 0)
      when k = 3 and u(h.h, 'twins') < .08 and u(h.h, 'alike') < .7 then u((h.h, 2), 'sex') < .5
      else u((h.h, k), 'sex') < .5 end as man,
    least(2023, h.year + case when k = 1 then floor(u(h.h, 'spouse') * 7)::integer - 3
      when k = 2 or (k = 3 and u(h.h, 'twins') < .08) then 23 + floor(u(h.h, 'child') * 10)::integer
      when k = 3 then 25 + floor(u(h.h, 'second') * 12)::integer when k = 4 then -25 else 0 end) as born_year,
    case when k = 3 and u(h.h, 'twins') < .08 then 2 else k end as born_as
  from household as h, range(h.size) as t(k)
) where true qualify i < {people}
"""

_NAMES = """
create table named as
select m.*,
  case when uyghur or other then '' when k = 1 then s.word else m.surname end as family,
  case when uyghur then g.word || '·' || f.word when other then o.word
    when u(i, 'whole') < .22 then case when man then wm.word else ww.word end
    when u(i, 'short') < .12 then case when man then lm.word else lw.word end
    else case when k in (2, 3) and u(h, 'generation') < .4 then sibling.word else first.word end
      || case when man then lm.word else lw.word end end as given
from member as m
join draw_surname as s on s.slot = slot(i, 'surname')
join draw_first as first on first.slot = slot(i, 'first')
join draw_first as sibling on sibling.slot = slot(h, 'sibling')
join draw_man as wm on wm.slot = slot(i, 'man')
join draw_woman as ww on ww.slot = slot(i, 'woman')
join draw_man_last as lm on lm.slot = slot(i, 'last')
join draw_woman_last as lw on lw.slot = slot(i, 'last')
join draw_uyghur as g on g.slot = slot(i, 'uyghur')
join draw_uyghur as f on f.slot = slot(h, 'father')
join draw_other as o on o.slot = slot(i, 'other')
"""

# A crowd bears one common name and one of a few birthdays; some old birthdays were written as the first of January.
_NUMBERS = """
create table numbered as
select n.*, u(i, 'crowd') < .004 as crowded,
  case when u(i, 'crowd') < .004 then date '1972-03-01' + floor(u(i, 'crowd day') * 60)::integer
    when born_year < 1965 and u(i, 'heap') < .04 then make_date(born_year, 1, 1)
    else make_date(born_year, 1, 1) + floor(u((h, born_as), 'day') * 365)::integer end as birth,
  case when u(i, 'native') < .7 then n.region else left(r.word, 6) end as issued,
  (floor(u((h, born_as), 'sequence') * 480)::integer * 2 + 40 + case when twin then 2 else 0 end) % 990 as sequence
from named as n join draw_region as r on r.slot = slot(i, 'issued')
"""

_PEOPLE = """
create table people as
with complete as (
  select *, issued || strftime(birth, '%Y%m%d')
    || lpad((sequence - sequence % 2 + case when man then 1 else 0 end)::varchar, 3, '0') as body
  from numbered
), checked as (
  select *, body || {check} as number from complete
)
select i, h, k, twin, crowded, uyghur or other as minority, man, birth, number, region, place,
  case when crowded then left([{crowd}][1 + floor(u(i, 'crowd name') * {crowds})::integer], 1)
    else family end as family,
  case when crowded then substr([{crowd}][1 + floor(u(i, 'crowd name') * {crowds})::integer], 2)
    else given end as given,
  '1' || (3 + floor(u(p, 'phone') * 7)::integer)::varchar
    || lpad((floor(u(p, 'line') * 1e9)::bigint)::varchar, 9, '0') as phone,
  road.word || case floor(u(h, 'way') * 4)::integer when 0 then '街' when 1 then '大街' else '路' end as road,
  1 + floor(u(h, 'door') * 180)::integer as door, 1 + floor(u(h, 'house') * 40)::integer as house,
  1 + floor(u(h, 'unit') * 6)::integer as unit,
  (1 + floor(u(h, 'floor') * 24)::integer) * 100 + 1 + floor(u(h, 'room') * 4)::integer as room,
  floor(power(u(i, 'employer'), 2) * {employers})::integer as employer
from (
  select *, case when k >= 2 and u(i, 'own phone') < .4 then (h, 0) when k = 1 and u(i, 'own phone') < .05
    then (h, 0) else (h, k) end as p
  from checked
)
join draw_road as road on road.slot = slot(h, 'road')
"""
