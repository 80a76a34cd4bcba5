"""Arithmetic of grades and rewards."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.money import Money
from lianxin.safety import rules
from lianxin.safety.choices import RiskGrade

LEC = [
    tuple(Decimal(value) for value in combination)
    for combination in product(rules.LEC_LIKELIHOOD, rules.LEC_EXPOSURE, rules.LEC_CONSEQUENCE)
]
SQUARES = [Decimal(a * b) for a, b in product(range(1, 6), range(1, 6))]


def test_lec_has_the_known_distribution() -> None:
    # Computed beforehand by hand and by another program: A 40, B 21, C 30, D and E together 161.
    counted = [rules.lec_grade(rules.lec_score(*each)) for each in LEC]
    assert len(LEC) == 252
    assert [counted.count(grade) for grade in RiskGrade] == [40, 21, 30, 161]


def test_lec_scores_are_exact() -> None:
    scores = {rules.lec_score(*each) for each in LEC}
    assert len(scores) == 103
    assert not scores & {Decimal(320), Decimal(160)}
    assert sum(rules.lec_score(*each) == 70 for each in LEC) == 2
    assert sum(rules.lec_score(*each) == 20 for each in LEC) == 5
    assert sum(rules.lec_score(*each) % 1 != 0 for each in LEC) == 54


@pytest.mark.parametrize(
    ("score", "grade", "action"),
    [
        ("320.1", RiskGrade.CRITICAL, "stop work"),
        ("320", RiskGrade.LARGER, "rectify at once"),
        ("160", RiskGrade.LARGER, "rectify at once"),
        ("159.9", RiskGrade.GENERAL, "rectify"),
        ("70", RiskGrade.GENERAL, "rectify"),
        ("69.9", RiskGrade.LOW, "attention"),
        ("20", RiskGrade.LOW, "attention"),
        ("19.9", RiskGrade.LOW, "acceptable"),
    ],
)
def test_lec_edges_belong_to_the_upper_band(score: str, grade: RiskGrade, action: str) -> None:
    assert rules.lec_grade(Decimal(score)) == grade
    assert rules.lec_action(Decimal(score)).en == action


@pytest.mark.parametrize(("method", "cells"), [("ls_a", [3, 8, 9, 5]), ("ls_b", [3, 3, 5, 14])])
def test_ls_fills_the_matrix(method: str, cells: list[int]) -> None:
    counted = [rules.ls_grade(score, method) for score in SQUARES]
    assert [counted.count(grade) for grade in RiskGrade] == cells


@given(st.sampled_from(LEC), st.sampled_from(LEC))
def test_lec_grade_never_falls_as_the_score_rises(
    one: tuple[Decimal, ...], other: tuple[Decimal, ...]
) -> None:
    low, high = sorted((rules.lec_score(*one), rules.lec_score(*other)))
    order = list(RiskGrade)
    assert order.index(rules.lec_grade(high)) <= order.index(rules.lec_grade(low))


@pytest.mark.parametrize(
    ("fine", "reward"),
    [(10_000, 3_000), (20_000, 3_000), (100_000, 15_000), (2_000_000, 300_000), (5_000_000, 300_000)],
)
def test_share_of_fine_keeps_floor_and_cap(fine: int, reward: int) -> None:
    limits = {"floor": Money.yuan(3_000), "cap": Money.yuan(300_000)}
    assert rules.share_of_fine(Money.yuan(fine), percent=15, **limits) == Money.yuan(reward)


@given(st.integers(0, 10**12))
def test_share_of_fine_stays_between_its_limits(fen: int) -> None:
    floor, cap = Money.yuan(3_000), Money.yuan(300_000)
    assert floor <= rules.share_of_fine(Money(fen), percent=15, floor=floor, cap=cap) <= cap


def test_for_deaths_stops_at_the_cap() -> None:
    each, cap = Money.yuan(60_000), Money.yuan(300_000)
    assert rules.for_deaths(4, each=each, cap=cap) == Money.yuan(240_000)
    assert rules.for_deaths(6, each=each, cap=cap) == cap


@pytest.mark.parametrize(
    ("deaths", "injured", "million", "grade"),
    [
        (2, 9, 9, "ordinary"),
        (3, 0, 0, "larger"),
        (0, 10, 0, "larger"),
        (0, 0, 50, "serious"),
        (10, 0, 0, "serious"),
        (29, 99, 99, "serious"),
        (30, 0, 0, "grave"),
    ],
)
def test_accident_grade_takes_the_worst_measure(deaths: int, injured: int, million: int, grade: str) -> None:
    loss = Money.yuan(million * 1_000_000)
    assert rules.accident_grade(deaths=deaths, injured=injured, loss=loss) == grade


def test_worst_keeps_the_two_scales_apart() -> None:
    assert rules.worst_risk(["low", "larger", "general"]) == "larger"
    assert rules.worst_law(["general", "major"]) == "major"
    assert rules.worst_law(["general", "general"]) == "general"


@pytest.mark.parametrize(
    ("grade", "enough"), [("critical", True), ("larger", True), ("general", False), ("", False)]
)
def test_at_least_larger(grade: str, *, enough: bool) -> None:
    assert rules.at_least(grade, "larger") is enough
