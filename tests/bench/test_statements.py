"""Reading statements out of the database's log."""

from lianxin.bench.statements import statements_in

LOG = """2026-01-01 08:00:00.001 CST [7] LOG:  statement: BEGIN
2026-01-01 08:00:00.002 CST [7] LOG:  execute <unnamed>: INSERT INTO a (b)
\tVALUES ('x
y')
2026-01-01 08:00:00.002 CST [7] DETAIL:  Parameters: none
2026-01-01 08:00:00.003 CST [8] LOG:  checkpoint starting: time
2026-01-01 08:00:00.004 CST [7] LOG:  statement: COMMIT
"""


def test_statements_in_finds_each_once_whatever_its_protocol() -> None:
    assert list(statements_in(LOG)) == ["BEGIN", "INSERT INTO a (b) VALUES ('x y')", "COMMIT"]


def test_statements_in_an_empty_log_are_none() -> None:
    assert list(statements_in("")) == []


def test_statements_in_a_log_that_begins_amid_a_statement_ignores_its_rest() -> None:
    assert next(statements_in("VALUES ('x')\n" + LOG)) == "BEGIN"
