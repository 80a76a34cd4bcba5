"""The two lists as they would arrive: the roster well kept, the department's list with its errors, and the truth."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb
from duckdb import DuckDBPyConnection

from lianxin.bench.match.people import Shape, check_character_sql, make_people
from lianxin.bench.match.words import NORTH, Folk
from lianxin.matching.clean.lists import COLUMNS


@dataclass(frozen=True, slots=True)
class Rates:
    """How often what happens to a row of the list. The roster has a few holes of its own."""

    missing_number: float = 0.20
    mistyped_number: float = 0.04
    cut_number: float = 0.005
    homophone: float = 0.05
    look_alike: float = 0.03
    dropped: float = 0.004
    swapped: float = 0.002
    renamed: float = 0.005
    traditional: float = 0.01
    remark: float = 0.02
    phone_changed: float = 0.25
    missing_phone: float = 0.08
    moved: float = 0.20
    missing_address: float = 0.05
    other_employer: float = 0.10
    missing_employer: float = 0.15
    missing_birth: float = 0.05
    mistyped_birth: float = 0.01
    missing_sex: float = 0.03
    holes_in_roster: float = 0.03

    def times(self, factor: float) -> "Rates":
        """All of them more or less often: rates that nothing was tuned on."""
        return replace(
            self, **{name: min(0.6, getattr(self, name) * factor) for name in self.__dataclass_fields__}
        )


@dataclass(frozen=True, slots=True)
class Lists:
    """Where both lists and the truth lie. Truth has left_id, right_id and a column for each kind of error.

    The clean rosters hold what cleaning makes of the lists, so that the engine can be measured alone.
    """

    left: Path
    right: Path
    truth: Path
    clean_left: Path
    clean_right: Path
    shape: Shape


Files = Literal["parquet", "csv"]


def make_lists(
    folder: Path,
    shape: Shape,
    *,
    seed: int,
    rates: Rates | None = None,
    folk: Folk = NORTH,
    files: Files = "parquet",
    clean: bool = True,
) -> Lists:
    """Write both lists, as CSV or Parquet, and truth.parquet; the same seed gives the same rows.

    `clean`: also what cleaning makes of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists = Lists(
        left=folder / f"roster.{files}",
        right=folder / f"list.{files}",
        truth=folder / "truth.parquet",
        clean_left=folder / "clean-roster.parquet",
        clean_right=folder / "clean-list.parquet",
        shape=shape,
    )
    with duckdb.connect() as con:
        con.execute(
            "set enable_progress_bar = false; set preserve_insertion_order = false; set memory_limit = '8 GiB'"
        )
        con.execute(f"set temp_directory = '{folder}/spilt'")
        make_people(con, shape, seed, folk)
        _choose(con, shape)
        _make_errors(con, rates or Rates(), folk)
        _write(con, lists)
        if clean:
            _write_clean(con, lists)
    return lists


def _choose(con: DuckDBPyConnection, shape: Shape) -> None:
    """Who is in the roster and who is in the list. Whoever is missing in the roster often has relatives in it."""
    con.execute(
        "create table ranked as select *, row_number() over (order by u(i, 'choice'), i) as rank from people"
    )
    con.execute(f"create view roster as select * from ranked where rank <= {shape.roster}")
    con.execute(f"create view listed as select * from ranked where rank > {shape.roster - shape.matches}")


def _make_errors(con: DuckDBPyConnection, rates: Rates, folk: Folk) -> None:
    values = {name: getattr(rates, name) for name in rates.__dataclass_fields__}
    con.execute(_KINDS.format(**values))
    con.execute(_NAMES_WRITTEN)
    con.execute(_WRITTEN.format(city=folk.city))
    con.execute(_ROSTER.format(city=folk.city, **values))


def _write(con: DuckDBPyConnection, lists: Lists) -> None:
    columns = ", ".join(COLUMNS)
    con.execute(f"copy (select {columns} from roster_rows order by u(i, 'order')) to '{lists.left}'")
    con.execute(f"copy (select {columns} from list_rows order by u(i, 'place')) to '{lists.right}'")
    con.execute(
        f"""copy (
          select r.record_id as left_id, l.record_id as right_id, l.* exclude ({columns}, i, plain_name)
          from list_rows as l join roster_rows as r using (i) order by 1, 2
        ) to '{lists.truth}'"""
    )


def _write_clean(con: DuckDBPyConnection, lists: Lists) -> None:
    check = check_character_sql("id_number")
    for rows, path, order in (
        ("roster_rows", lists.clean_left, "order"),
        ("list_rows", lists.clean_right, "place"),
    ):
        con.execute(f"copy ({_CLEAN.format(rows=rows, order=order, check=check)}) to '{path}'")


# Two names in five have no character that is written down as a look-alike: hence the 1.65.
_KINDS = """
create table kinds as
select *,
  u(i, 'number?') < {missing_number} as missing_number,
  u(i, 'number?') >= {missing_number} and u(i, 'typo') < {mistyped_number} / (1 - {missing_number}) as mistyped_number,
  u(i, 'number?') >= {missing_number} and u(i, 'typo') > 1 - {cut_number} / (1 - {missing_number}) as cut_number,
  not minority and u(i, 'name') < {homophone} as homophone,
  not minority and u(i, 'name') between {homophone} and {homophone} + 1.65 * {look_alike} as look_alike,
  u(i, 'name2') < {dropped} and length(given) > 1 as dropped,
  u(i, 'name2') between .3 and .3 + {swapped} and length(given) = 2 as swapped,
  not minority and u(i, 'name2') between .6 and .6 + {renamed} as renamed,
  u(i, 'script') < {traditional} as traditional,
  u(i, 'remark?') < {remark} as remark,
  u(i, 'phone?') < {phone_changed} as phone_changed,
  u(i, 'phone?') > 1 - {missing_phone} as missing_phone,
  u(i, 'moved?') < {moved} as moved,
  u(i, 'moved?') > 1 - {missing_address} as missing_address,
  u(i, 'job?') < {other_employer} as other_employer,
  u(i, 'job?') > 1 - {missing_employer} as missing_employer,
  u(i, 'birth?') < {missing_birth} as missing_birth,
  u(i, 'birth?') > 1 - {mistyped_birth} as mistyped_birth,
  u(i, 'sex?') < {missing_sex} as missing_sex
from listed
"""

_NAMES_WRITTEN = """
create table names_written as
with aimed as (
  select *, case when given = '' or u(i, 'aim') < .12 and family <> '' then 0
    when u(i, 'aim') < .35 then 1 else length(given) end as spot
  from kinds
), hit as (
  select *, case when spot = 0 then family else given[spot] end as ch from aimed
)
select h.i,
  coalesce(case when h.homophone then s.wrong when h.look_alike then l.wrong end, h.ch) as written,
  h.spot,
  h.homophone and s.wrong is not null as homophone, h.look_alike and l.wrong is not null as look_alike,
  first.word as new_first, last.word as new_last
from hit as h
left join wrong_sound as s on s.ch = h.ch and s.n = floor(u(i, 'which') * s.many)::integer
left join wrong_shape as l on l.ch = h.ch and l.n = floor(u(i, 'which') * l.many)::integer
join draw_first as first on first.slot = slot(i, 'new first')
join draw_woman_last as last on last.slot = slot(i, 'new last')
"""

_WRITTEN = """
create table list_rows as
with named as (
  select k.* replace (n.homophone as homophone, n.look_alike as look_alike),
    case when n.spot = 0 then n.written else k.family end as fam,
    case when k.renamed then n.new_first || n.new_last
      when k.swapped then given[2] || given[1]
      when k.dropped then left(given, length(given) - 1)
      when n.spot = 0 then given else left(given, n.spot - 1) || n.written || substr(given, n.spot + 1) end as giv
  from kinds as k join names_written as n using (i)
), typed as (
  select *, 1 + floor(u(i, 'digit') * 18)::integer as d, 1 + floor(u(i, 'swap') * 16)::integer as e,
    left(number, 17) as first17
  from named
), moved_to as (
  select t.*, other.road as road2, other.door as door2, other.house as house2, other.unit as unit2,
    other.room as room2, case when u(t.i, 'far') < .5 then t.region else other.region end as region2,
    case when u(t.i, 'far') < .5 then t.place else other.place end as place2
  from typed as t left join people as other
    on t.moved and other.i = floor(u(t.h, 'to') * (select count(*) from people))::bigint
)
select i, 'L' || lpad(i::varchar, 9, '0') as record_id,
  case when u(i, 'wide') < .01 then ' ' else '' end
  || case when traditional then coalesce(sf.wrong, fam) || list_aggregate(list_transform(
      string_split(giv, ''), lambda c: coalesce(map_extract(script.pairs, c)[1], c)), 'string_agg', '')
    when minority and u(i, 'dot') < .3 then replace(giv, '·', '')
    when minority and u(i, 'dot') < .5 then replace(giv, '·', '•')
    else fam || giv end
  || case when remark then rem.word else '' end as name,
  replace(fam || giv, '·', '') as plain_name,
  case when missing_number then null
    when mistyped_number and u(i, 'slip') < .65 and d <= 17 then
      left(number, d - 1) || ((number[d]::int + 1 + floor(u(i, 'by') * 9)::integer) % 10)::varchar
        || substr(number, d + 1)
    when mistyped_number and first17[e] <> first17[e + 1] then
      left(number, e - 1) || number[e + 1] || number[e] || substr(number, e + 2)
    when mistyped_number then left(number, 17) || case when number[18] = '1' then '7' else '1' end
    when cut_number and u(i, 'end') < .5 then substr(number, 2)
    when cut_number then left(number, 17)
    else number end as id_number,
  case when missing_sex then null when man then '男' else '女' end as sex,
  case when missing_birth then null
    when mistyped_birth and u(i, 'wrong date') < .5 and day(birth) <= 12
      then strftime(make_date(year(birth), day(birth), month(birth)), '%Y-%m-%d')
    when mistyped_birth then strftime(birth + 1 + floor(u(i, 'off') * 30)::integer, '%Y-%m-%d')
    when u(i, 'format') < .2 then strftime(birth, '%Y%m%d')
    when u(i, 'format') < .3 then strftime(birth, '%Y/%m/%d')
    else strftime(birth, '%Y-%m-%d') end as birth_date,
  case when missing_phone then null
    when phone_changed then '1' || (3 + floor(u(i, 'new') * 7)::integer)::varchar
      || lpad((floor(u(i, 'new line') * 1e9)::bigint)::varchar, 9, '0')
    when u(i, 'prefix') < .05 then '+86 ' || phone
    else phone end as phone,
  case when moved then region2 else region end as region,
  case when missing_address then null
    else case when u(i, 'long') < .4 then case when moved then place2 else place end else '' end
    || case when moved then road2 else road end
    || case when moved then door2 else door end || '号'
    || case when u(i, 'rough') < .15 then ''
      else case when moved then house2 else house end || case when u(i, 'block') < .5 then '栋' else '号楼' end
      || case when u(i, 'terse') < .5 then case when moved then unit2 else unit end || '单元' else '' end
      || case when moved then room2 else room end || case when u(i, 'door word') < .7 then '室' else '' end end
    end as address,
  case when missing_employer then null
    else '{city}' || ew.word || et.word || case when u(i, 'ltd') < .8 then '有限公司' else '公司' end end as employer,
  missing_number, mistyped_number, cut_number, homophone, look_alike, dropped, swapped, renamed, traditional,
  phone_changed, moved, missing_birth, mistyped_birth, minority, twin, man and k >= 2 as father_son, crowded
from moved_to
left join wrong_script as sf on sf.ch = fam and traditional
cross join (select map(list(ch), list(wrong)) as pairs from wrong_script) as script
join draw_remark as rem on rem.slot = slot(i, 'remark')
join draw_business as ew on ew.slot = slot(case when other_employer then i else employer end, 'business')
join draw_trade as et on et.slot = slot(case when other_employer then i else employer end, 'trade')
"""

_ROSTER = """
create view roster_rows as
select i, 'R' || lpad(i::varchar, 9, '0') as record_id, family || given as name,
  replace(family || given, '·', '') as plain_name,
  case when u(i, 'hole 1') < {holes_in_roster} then null else number end as id_number,
  case when man then '男' else '女' end as sex, strftime(birth, '%Y-%m-%d') as birth_date,
  case when u(i, 'hole 2') < {holes_in_roster} then null else phone end as phone,
  region, case when u(i, 'hole 3') < {holes_in_roster} then null else
    road || door || '号' || house || '栋' || unit || '单元' || room || '室' end as address,
  case when u(i, 'hole 4') < {holes_in_roster} then null
    else '{city}' || ew.word || et.word || '有限公司' end as employer
from roster
join draw_business as ew on ew.slot = slot(employer, 'business')
join draw_trade as et on et.slot = slot(employer, 'trade')
"""

_CLEAN = r"""
with checked as (
  select *, case when id_number is null then null when length(id_number) <> 18 then 'partial'
    when {check} = id_number[18] then 'valid' else 'bad_check' end as id_state
  from {rows}
)
select record_id, plain_name as name, id_number, id_state,
  case sex when '男' then 'M' when '女' then 'F' else case when id_state = 'valid' then
    case when id_number[17]::int % 2 = 1 then 'M' else 'F' end end end as sex,
  coalesce(try_strptime(replace(replace(birth_date, '-', ''), '/', ''), '%Y%m%d')::date,
    case when id_state = 'valid' then try_strptime(id_number[7:14], '%Y%m%d')::date end) as birth_date,
  right(replace(phone, ' ', ''), 11) as phone, region,
  regexp_replace(address, '^.{{2,3}}市.{{2,4}}[市区]', '') as address, employer,
  name as raw_name, id_number as raw_id_number, phone as raw_phone, address as raw_address
from checked order by u(i, '{order}')
"""
