"""What runs in a process of its own is measured with its children."""

import os
import subprocess
import sys
import time

import pytest

from lianxin.bench.match.isolated import run_command, run_function
from lianxin.bench.serving import BenchProblem

MIB = 2**20


def hold(mebibytes: int) -> int:
    held = bytearray(os.urandom(MIB) * mebibytes)
    time.sleep(0.3)
    return len(held)


def let_a_child_hold(mebibytes: int) -> None:
    held = f"import os, time; held = bytearray(os.urandom({MIB}) * {mebibytes}); time.sleep(0.4)"
    subprocess.run([sys.executable, "-c", held], check=True)


def fail() -> None:
    os._exit(3)


def test_a_function_answers_with_its_time_and_its_memory() -> None:
    small, large = run_function(hold, 1), run_function(hold, 200)
    assert (small.result, large.result) == (MIB, 200 * MIB)
    assert large.memory - small.memory > 150 * MIB
    assert large.seconds > 0.3


def test_the_memory_of_children_counts() -> None:
    small, large = run_function(let_a_child_hold, 1), run_function(let_a_child_hold, 200)
    assert large.memory - small.memory > 150 * MIB


def test_a_function_whose_process_dies_is_a_problem() -> None:
    with pytest.raises(BenchProblem, match="fail ended with 3"):
        run_function(fail)


def test_a_command_that_fails_is_a_problem_and_its_words_are_passed_on() -> None:
    heard: list[str] = []
    with pytest.raises(BenchProblem, match="lianxin match ended with"):
        run_command(
            ["match", "nobody.csv", "nothing.csv", "--out", "pairs.csv", "--lang", "en"], heard.append
        )
    assert any("cannot be opened" in line for line in heard)
