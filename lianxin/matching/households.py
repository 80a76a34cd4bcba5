"""What the others of a household say: when the wife has been found, her husband is likelier to be the one next to her.

It only raises pairs whose name and birthday could be one person's already, so that twins, brothers, father and son are
never merged by it; and only pairs that live elsewhere in the two lists, because one address has had its weight.
"""

from math import log2

from lianxin.matching.deciding import NAME_HOLDS, OTHER_NUMBER, level_case
from lianxin.matching.engines import Database
from lianxin.matching.model import Model

# More people than this under one door are no household.
LARGEST = 8

_SAME_BIRTH = level_case("birth", ("exact", "swap", "part"))
_OTHER_HOME = level_case("home", ("missing", "house", "street", "else"))


def household_weight(model: Model) -> float:
    """What it weighs that another member of both households has been matched."""
    return log2(model.household.m / model.household.u)


def find_households(con: Database, model: Model, predictions: str, *, left: str, right: str) -> str | None:
    """Make the table `household` (rec_l, rec_r, weight) of pairs to be raised, from what is `decided` so far.

    Answers its name, or nothing when there are none.
    """
    for side, records in (("l", left), ("r", right)):
        matched = f"select rec_{side} from decided where decision = 'match'"
        con.execute(f"create or replace temp table homes_{side} as {homes_sql(records, matched)}")
    con.execute(
        f"""create or replace temp table household as
        with matched as (
          select rec_l, rec_r, l.home as home_l, r.home as home_r from decided as d
          join homes_l as l on l.rec = d.rec_l join homes_r as r on r.rec = d.rec_r
          where decision = 'match'
        ), wanted as (
          select rec_l, rec_r, l.home as home_l, r.home as home_r from {predictions} as p
          join homes_l as l on l.rec = p.rec_l join homes_r as r on r.rec = p.rec_r
          where {NAME_HOLDS} and {_SAME_BIRTH} and {_OTHER_HOME} and not ({OTHER_NUMBER})
        )
        select distinct w.rec_l, w.rec_r, {household_weight(model)!r}::double as weight
        from wanted as w join matched as m using (home_l, home_r)
        where m.rec_l <> w.rec_l and m.rec_r <> w.rec_r"""
    )
    con.execute("drop table homes_l; drop table homes_r")
    ((raised,),) = con.execute("select count(*) from household").fetchall()
    return "household" if raised else None


def homes_sql(records: str, members: str) -> str:
    """A SELECT of rec and home, of all in the homes of some; those who live alone or in a dormitory have none."""
    at_home = (
        f"select rec, hash(street, door, house, room) as home from {records} "
        "where street is not null and door is not null and room is not null"
    )
    return f"""
        select rec, home from (
          select rec, home, count(*) over (partition by home) as living from ({at_home}) as everybody
          where home in (select home from ({at_home}) as chosen where rec in ({members}))
        ) as counted where living between 2 and {LARGEST}"""
