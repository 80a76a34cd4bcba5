"""Cleaning a whole list in DuckDB: SQL for what is clean already, a function once for each distinct value that is not.

Stands on a table ``given`` with ``line`` and the columns of :data:`COLUMNS` as text. What the SQL here takes for
clean has to be what the functions leave as it is, and what it reckons has to be what they reckon: a test holds the
two against each other.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from lianxin.matching.clean.addresses import (
    BARE_HEAD,
    HEAD,
    HEAD_LENGTH,
    NO_EMPLOYER,
    ODD,
    clean_employer,
    clean_region,
    clean_text,
    split_head,
)
from lianxin.matching.clean.characters import clean_class
from lianxin.matching.clean.facts import clean_birth_date, clean_sex
from lianxin.matching.clean.names import FORMER, NOBODY, REMARK, clean_name
from lianxin.matching.clean.numbers import CHECKS, EXACT_DIGITS, ROUNDED, WEIGHTS, clean_number
from lianxin.matching.clean.phones import clean_phone
from lianxin.matching.paths import quoted
from lianxin.matching.words import Progress, Words

COLUMNS = (
    "record_id",
    "name",
    "id_number",
    "sex",
    "birth_date",
    "phone",
    "region",
    "address",
    "employer",
)
_BATCH = 100_000
_FULL = "regexp_full_match({0}, '[0-9]{{17}}[0-9X]')"
# More than two different characters, seen quickly: the century of birth, and one that is not in it.
_ROUNDED = f"ends_with({{0}}, '{ROUNDED}')"
_NO_FILLER = (
    "({0}[7:8] = '19' and regexp_matches({0}, '[02-8X]') "
    "or {0}[7:8] = '20' and regexp_matches({0}, '[13-9X]'))"
)

# As it was given, and what is left of it.
_WAS_ROUNDED = (
    f"(regexp_matches({{0}}, '^[0-9]\\.[0-9]+[eE]\\+?[0-9]+$') "
    f"or (ends_with({{0}}, '{ROUNDED}') and length({{1}}) = {EXACT_DIGITS}))"
)

NOTICES = {
    "names": (
        "姓名中的空格、称谓、备注或繁体字已整理",
        "names had blanks, titles, remarks or traditional characters",
    ),
    "old_numbers": ("15 位身份证号已补为 18 位", "identity numbers of 15 digits were completed to 18"),
    "bad_checks": (
        "身份证号校验位或日期不符，已保留并标记",
        "identity numbers do not check; kept and marked",
    ),
    "partial": ("身份证号不完整，已保留并标记", "identity numbers are incomplete; kept and marked"),
    "rounded": (
        "身份证号被表格程序舍成了数字（只剩前 15 位或更少）：请把该列设为文本后重新导出",
        "identity numbers were rounded by a spreadsheet program: make the column text and export it again",
    ),
    "births": ("出生日期由身份证号补出", "birth dates were taken from the number"),
    "sexes": ("性别由身份证号补出", "sexes were taken from the number"),
    "no_date": ("出生日期看不懂，按空白处理", "birth dates cannot be understood and count as empty"),
    "no_phone": ("电话看不懂，按空白处理", "phones cannot be understood and count as empty"),
    "no_region": ("地址中认不出行政区划", "addresses name no region that is known"),
}


def clean_list(con: DuckDBPyConnection, out: Path, progress: Progress) -> dict[str, int]:
    """Write the clean Parquet file and return how often each of :data:`NOTICES` applied."""
    for share, (name, words, ask) in enumerate(_STEPS):
        progress(words, share / (len(_STEPS) + 1))
        values, function, kinds = ask
        _apply(con, name, values, function, kinds)
        if name == "id_number":
            _cut_rounded(con)
    progress(Words("写出整理结果", "Writing the clean list"), len(_STEPS) / (len(_STEPS) + 1))
    con.execute(f"copy ({_CLEANED}) to '{quoted(out)}' (format parquet, compression lz4_raw)")
    return _counts(con, out)


def _cut_rounded(con: DuckDBPyConnection) -> None:
    """Where a column was rounded, the eleventh number still has the right check character by chance: it is cut too.

    Of real numbers one in a thousand ends in three zeros, and few of those are bad.
    """
    con.execute(
        f"""update id_number_map set clean = left(clean, {EXACT_DIGITS})
        where length(clean) = 18 and {_ROUNDED.format("clean")}
          and (select count(*) from id_number_map where {_WAS_ROUNDED.format("given", "clean")}) >
            2 * (select count(*) from id_number_map where length(clean) = 18 and {_ROUNDED.format("clean")})"""
    )


def _counts(con: DuckDBPyConnection, out: Path) -> dict[str, int]:
    sums = con.execute(
        f"""select count(*) filter (raw_name <> name),
            count(*) filter (regexp_full_match(raw_id_number, '[0-9]{{15}}') and length(id_number) = 18),
            count(*) filter (id_state = 'bad_check'), count(*) filter (id_state = 'partial' and not rounded),
            count(*) filter (id_state = 'partial' and rounded),
            count(birth_date), count(sex),
            count(*) filter (raw_phone is not null and phone is null),
            count(*) filter (raw_address is not null and region is null)
        from (select *, {_WAS_ROUNDED.format("raw_id_number", "id_number")} as rounded from '{quoted(out)}')"""
    ).fetchall()[0]
    births, no_date = _given(con, "birth_date")
    sexes, _ = _given(con, "sex")
    *before, with_birth, with_sex, no_phone, no_region = sums
    counts = (*before, with_birth - births, with_sex - sexes, no_date, no_phone, no_region)
    return dict(zip(NOTICES, counts, strict=True))


def _given(con: DuckDBPyConnection, column: str) -> tuple[int, int]:
    """How many values of a column were understood, and how many were not."""
    found = con.execute(
        f"select count(m.clean), count(*) - count(m.clean) from given g join {column}_map m on m.given = g.{column}"
    ).fetchall()[0]
    return int(found[0]), int(found[1])


def _apply(
    con: DuckDBPyConnection,
    name: str,
    values: str,
    function: Callable[[str], object],
    kinds: Mapping[str, pa.DataType],
) -> None:
    """Make the table ``<name>_map``: each distinct value, and what the function makes of it."""
    columns = ", ".join(f'"{column}" {_SQL_KINDS[kind]}' for column, kind in kinds.items())
    con.execute(f"create or replace table {name}_map (given varchar, {columns})")
    # A second connection reads while the first one writes.
    for batch in con.cursor().sql(values).to_arrow_reader(_BATCH):
        given = batch.column(0).to_pylist()
        made = [function(value) for value in given]
        parts = list(zip(*made, strict=True)) if len(kinds) > 1 and made else [made]
        arrays = [pa.array(part, kind) for part, kind in zip(parts, kinds.values(), strict=True)]
        con.register("made", pa.table([batch.column(0), *arrays], names=["given", *kinds]))
        con.execute(f"insert into {name}_map from made")
        con.unregister("made")


_SQL_KINDS = {pa.string(): "varchar", pa.date32(): "date", pa.int32(): "integer"}
_TEXT = {"clean": pa.string()}


def _dirty(column: str, clean: str) -> str:
    some = f"{column} is not null and {column} <> ''"
    return f"select distinct {column} from given where {some} and not coalesce({clean}, false)"


def _head(text: str) -> str:
    """What of a clean address can name a region."""
    bare = f"regexp_extract(left({text}, {HEAD_LENGTH}), '{BARE_HEAD}')"
    return f"coalesce(nullif(regexp_extract({text}, '{HEAD}'), ''), {bare})"


_NOBODY = ", ".join(f"'{word}'" for word in sorted(NOBODY))
_NAME_IS_CLEAN = (
    f"regexp_full_match(name, '[{clean_class()}]{{2,3}}') and name not in ({_NOBODY}) "
    f"and not regexp_full_match(name, '{REMARK.pattern}') and not regexp_matches(name, '{FORMER.pattern}')"
)
_TEXT_IS_CLEAN = (
    f"regexp_full_match({{0}}, '[{clean_class()}0-9A-Z]+') and not regexp_matches({{0}}, '{ODD}')"
)
_NO_EMPLOYER = ", ".join(f"'{word}'" for word in sorted(NO_EMPLOYER))
_STEPS: tuple[tuple[str, Words, tuple[str, Callable[[str], object], Mapping[str, pa.DataType]]], ...] = (
    ("name", Words("整理姓名", "Cleaning names"), (_dirty("name", _NAME_IS_CLEAN), clean_name, _TEXT)),
    (
        "id_number",
        Words("整理身份证号", "Cleaning identity numbers"),
        (
            _dirty("id_number", f"{_FULL} and {_NO_FILLER} and not {_ROUNDED}".format("id_number")),
            clean_number,
            _TEXT,
        ),
    ),
    (
        "phone",
        Words("整理电话", "Cleaning phones"),
        (
            _dirty(
                "phone", "regexp_full_match(phone, '1[3-9][0-9]{9}') and not regexp_full_match(phone, '(1+)')"
            ),
            clean_phone,
            _TEXT,
        ),
    ),
    ("sex", Words("整理性别", "Cleaning sexes"), (_dirty("sex", "false"), clean_sex, _TEXT)),
    (
        "birth_date",
        Words("整理出生日期", "Cleaning birth dates"),
        (_dirty("birth_date", "false"), clean_birth_date, {"clean": pa.date32()}),
    ),
    ("region", Words("整理行政区划", "Cleaning regions"), (_dirty("region", "false"), clean_region, _TEXT)),
    (
        "employer",
        Words("整理单位", "Cleaning employers"),
        (
            _dirty("employer", f"{_TEXT_IS_CLEAN.format('employer')} and employer not in ({_NO_EMPLOYER})"),
            clean_employer,
            _TEXT,
        ),
    ),
    (
        "address",
        Words("整理地址", "Cleaning addresses"),
        (_dirty("address", _TEXT_IS_CLEAN.format("address")), clean_text, _TEXT),
    ),
    (
        "head",
        Words("辨认行政区划", "Finding regions"),
        (
            f"""select distinct {_head("text")} from (
                select coalesce(m.clean, case when m.given is null then g.address end) as text
                from given g left join address_map m on m.given = g.address)
            where text is not null and text <> ''""",
            split_head,
            {"code": pa.string(), "length": pa.int32()},
        ),
    ),
)


def _mapped(column: str) -> str:
    """The clean value: the map's where there is one, the value as given elsewhere."""
    return f"case when {column}_map.given is null then nullif(g.{column}, '') else {column}_map.clean end"


_DIGITS = " + ".join(f"(n // {10 ** (16 - place)} % 10) * {weight}" for place, weight in enumerate(WEIGHTS))
_CLEANED = f"""
with joined as (
    select g.*, {_mapped("name")} as clean_name, {_mapped("id_number")} as clean_id, {_mapped("phone")} as clean_phone,
        sex_map.clean as sex_given, birth_date_map.clean as birth_given, region_map.clean as region_given,
        {_mapped("employer")} as clean_employer, {_mapped("address")} as clean_address
    from given g
    left join name_map on name_map.given = g.name
    left join id_number_map on id_number_map.given = g.id_number
    left join phone_map on phone_map.given = g.phone
    left join sex_map on sex_map.given = g.sex
    left join birth_date_map on birth_date_map.given = g.birth_date
    left join region_map on region_map.given = g.region
    left join employer_map on employer_map.given = g.employer
    left join address_map on address_map.given = g.address
), reckoned as (
    select joined.*, head_map.code as head_code, coalesce(head_map.length, 0) as head_length,
        {_FULL.format("clean_id")} as is_full, try_cast(left(clean_id, 17) as bigint) as n,
        try_cast(case when regexp_full_match(clean_id, '[0-9]{{17}}[0-9X]')
            then clean_id[7:10] || '-' || clean_id[11:12] || '-' || clean_id[13:14] end as date) as born
    from joined
    left join head_map on head_map.given = {_head("clean_address")}
), judged as (
    select *, case when clean_id is null then null when not is_full then 'partial'
        when clean_id[18] = '{CHECKS}'[1 + ({_DIGITS}) % 11] and born between '1880-01-01' and '2099-12-31'
        then 'valid' else 'bad_check' end as id_state
    from reckoned
)
select record_id, clean_name as name, clean_id as id_number, id_state,
    coalesce(sex_given, case when id_state = 'valid' then case when n % 2 = 1 then 'M' else 'F' end end) as sex,
    coalesce(birth_given, case when id_state = 'valid' then born end) as birth_date,
    clean_phone as phone,
    case when region_given is null or starts_with(head_code, rtrim(region_given, '0'))
        then coalesce(head_code, region_given) else region_given end as region,
    nullif(substr(clean_address, 1 + head_length), '') as address,
    clean_employer as employer,
    nullif(name, '') as raw_name, nullif(id_number, '') as raw_id_number, nullif(phone, '') as raw_phone,
    nullif(address, '') as raw_address
from judged
"""
