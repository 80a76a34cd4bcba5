"""A province for the queue: 84,000 organizations, one county's officer, and as many cases as asked for.

Cases are written by the database itself, as its superuser and with triggers off: a million by the ordinary door
would take hours. Each has its row, its first act and its log entry, with the chain's hashes as the trigger would
have computed them. A deployment of 10,000 cases has spread over 5 counties, one of 100,000 over 20, one of a million
over all 60: so that the officer's page is full at every size, and what grows is only what the page must not read.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from lianxin.bench.town import account_of, found_city, holder, signed_in
from lianxin.database.embedded import Embedded
from lianxin.kernel import scope
from lianxin.kernel.orgs.bulk import NewOrganization, create_organizations
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.roles import UNION_OFFICER

Kind = Organization.Kind
OPEN_PER_CENT = 3
BATCH = 100_000
# (up to so many cases, counties that have any)
SPREAD = ((10_000, 5), (100_000, 20))


@dataclass(frozen=True, slots=True)
class Shape:
    """How many bodies there are on each level: 6 × 10 × 20 × 69 makes 84,000."""

    cities: int = 6
    counties: int = 10
    towns: int = 20
    enterprises: int = 69


@dataclass(frozen=True, slots=True)
class Province:
    """The counties in the order of their keys, and the officer of the first."""

    counties: tuple[int, ...]
    organizations: int
    officer: Person
    cookies: dict[str, str]


def build_province(shape: Shape, *, at: datetime) -> Province:
    """Found the bodies, put an officer into every county, and sign one of them in."""
    with scope.act():
        first = found_city("试验一市总工会", at=at)
        province = first.parent
        made = create_organizations(first, _counties(shape), actor=SYSTEM, at=at)
        cities = [
            NewOrganization(f"试验{n}市总工会", Kind.FEDERATION, children=_counties(shape))
            for n in range(2, shape.cities + 1)
        ]
        made += create_organizations(province, cities, actor=SYSTEM, at=at)
        level = made[0].level
        counties = [one for one in made if one.kind == Kind.FEDERATION and one.level == level]
        people = [holder(f"干部{county.pk}", UNION_OFFICER, county, at=at) for county in counties]
        cookies = signed_in(account_of(people[0], at=at), "password", "mfa")
    return Province(tuple(county.pk for county in counties), len(made), people[0], cookies)


def counties_with_cases(number: int, counties: int) -> int:
    """Over how many counties a deployment with so many cases has spread."""
    return min(next((spread for most, spread in SPREAD if number <= most), counties), counties)


def fill(database: Embedded, province: Province, *, kind: str, first: int, last: int, at: datetime) -> None:
    """Write the cases numbered ``first`` to ``last``, a batch at a time."""
    spread = counties_with_cases(last, len(province.counties))
    address = database.superuser
    with psycopg.connect(address.conninfo(), dbname=database.address.name, autocommit=True) as connection:
        # Bench data alone, and only in this session: no trigger, no foreign key is asked.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_PLACES)
        for start in range(first, last + 1, BATCH):
            facts = {
                "first": start,
                "last": min(last, start + BATCH - 1),
                "counties": list(province.counties[:spread]),
                "kind": kind,
                "open": OPEN_PER_CENT,
                "at": at,
            }
            with connection.transaction():
                for statement in (_CASES, _ENTRIES, _HEADS, _ACTS):
                    connection.execute(statement, facts)
        for table, column in (("cases_case", "id"), ("audit_logentry", "id"), ("cases_act", "id")):
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), (SELECT max({}) FROM {}))").format(
                    sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
                )
            )
        connection.execute("VACUUM (ANALYZE)")


def copy_database(database: Embedded, name: str) -> None:
    """Keep the database as it stands under another name, to be measured beside the larger ones."""
    with psycopg.connect(database.superuser.conninfo(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name),
                sql.Identifier(database.address.user),
                sql.Identifier(database.address.name),
            )
        )


def _counties(shape: Shape) -> list[NewOrganization]:
    return [
        NewOrganization(f"第{n}县总工会", Kind.FEDERATION, children=_towns(shape))
        for n in range(1, shape.counties + 1)
    ]


def _towns(shape: Shape) -> list[NewOrganization]:
    return [
        NewOrganization(f"第{n}镇总工会", Kind.FEDERATION, children=_enterprises(shape))
        for n in range(1, shape.towns + 1)
    ]


def _enterprises(shape: Shape) -> list[NewOrganization]:
    return [NewOrganization(f"第{n}厂", Kind.ENTERPRISE) for n in range(1, shape.enterprises + 1)]


# Enterprises numbered within their county.
_PLACES = """CREATE TEMPORARY TABLE place AS
SELECT county.id AS county, o.id, o.path, o.region_id,
  row_number() OVER (PARTITION BY county.id ORDER BY o.path) - 1 AS n, count(*) OVER (PARTITION BY county.id) AS of
FROM orgs_organization county
JOIN orgs_organization town ON town.parent_id = county.id
JOIN orgs_organization o ON o.parent_id = town.id AND o.kind = 'enterprise';
CREATE UNIQUE INDEX ON place (county, n);
ANALYZE place"""

# A prime steps through the places, so that neighbours in time are not neighbours in the tree.
_CASES = """INSERT INTO cases_case (id, number, kind, title, status, outcome, organization_id,
  organization_path, region_id, owner_role, owner_id, escalation, opened_at, entered_at, due_at,
  wake_at, closed_at, search)
SELECT g, 'B' || g, %(kind)s, '第' || g || '号隐患', CASE WHEN is_open THEN 'submitted' ELSE 'closed' END,
  CASE WHEN is_open THEN '' ELSE 'closed' END, p.id, p.path, p.region_id,
  CASE WHEN is_open THEN 'union_officer' ELSE '' END, CASE WHEN is_open THEN p.county END, 0, opened, opened,
  CASE WHEN is_open THEN due END, CASE WHEN is_open THEN due END,
  CASE WHEN NOT is_open THEN opened + '20 days' END, to_tsvector('simple', 'case ' || g %% 5000)
FROM (
  SELECT g, g %% 100 < %(open)s AS is_open, %(at)s::timestamptz - (g * 7919) %% 1000000 * interval '1 minute' AS opened,
    %(at)s::timestamptz + ((g * 104729) %% 20000 - 5000) * interval '1 minute' AS due,
    (%(counties)s::bigint[])[1 + (g / 100) %% cardinality(%(counties)s::bigint[])] AS county
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) g
) drawn
JOIN place first ON first.county = drawn.county AND first.n = 0
JOIN place p ON p.county = drawn.county AND p.n = (drawn.g * 7907) %% first.of"""

_ENTRIES = """INSERT INTO audit_logentry (id, stream, at, actor, action, body, seq, prev_hash, hash)
SELECT c.id + 1000000000, stream, c.opened_at, 'reporter', c.kind || '.open', body, 1, head,
  sha256(head || convert_to(stream || E'\\n1\\n' || body, 'UTF8'))
FROM (
  SELECT *, 'case:' || id AS stream, sha256(convert_to('case:' || id, 'UTF8')) AS head,
    '{"after":{"number":"' || number || '","status":"' || status || '"},"before":{}}' AS body
  FROM cases_case WHERE id BETWEEN %(first)s AND %(last)s
) c"""

_HEADS = """INSERT INTO audit_streamhead (stream, seq, hash)
SELECT stream, seq, hash FROM audit_logentry WHERE id BETWEEN %(first)s + 1000000000 AND %(last)s + 1000000000"""

_ACTS = """INSERT INTO cases_act (id, case_id, step, from_status, to_status, at, actor, role, data, salt, entry_id)
SELECT id, id, 'open', '', status, opened_at, 'reporter', '', '{"hazards":["钢丝绳断股"]}', '\\x00', id + 1000000000
FROM cases_case WHERE id BETWEEN %(first)s AND %(last)s"""
