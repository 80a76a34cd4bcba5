"""What Spark says is turned into sentences of ours, in which none of it appears."""

import sys

import pytest

from lianxin.matching.engines import Limits
from lianxin.matching.engines.cluster import PYTHON, problem_of
from lianxin.matching.engines.spark import open_spark
from lianxin.matching.problems import Problem


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "spark_python",
            "PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in worker has different version",
        ),
        (
            "spark_python",
            'java.io.IOException: Cannot run program "python3": error=2, No such file or directory',
        ),
        ("spark_python", "ModuleNotFoundError: No module named 'pyarrow'"),
        ("disk_full", "Job aborted due to stage failure: java.io.IOException: No space left on device"),
        ("memory_short", "java.lang.OutOfMemoryError: Java heap space"),
        ("spark_folder", "java.io.FileNotFoundException: File file:/run/forms-1/part-0 does not exist"),
        ("spark_failed", "Job aborted due to stage failure: the value '210802198503123477' is malformed"),
    ],
)
def test_a_failure_is_told_by_its_signs_and_without_its_values(code: str, text: str) -> None:
    problem = problem_of(text, forsaken=False, begun=True)
    assert problem.code == code
    assert "2108021985" not in problem.spoken("zh") + problem.spoken("en")


def test_what_never_began_is_told_apart_from_what_broke_off() -> None:
    assert problem_of("[JAVA_GATEWAY_EXITED]", forsaken=False, begun=False).code == "spark_closed"
    assert problem_of("Job 3 cancelled", forsaken=True, begun=True).code == "spark_forsaken"


def test_the_python_that_workers_need_is_named() -> None:
    assert f"Python {PYTHON}" in problem_of("PYTHON_VERSION_MISMATCH", forsaken=False, begun=True).words.en


def test_without_pyspark_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Problem) as raised, open_spark("local[1]")(Limits()):
        raise AssertionError("it has opened")
    assert raised.value.code == "spark_missing"
    assert "lianxin[spark]" in raised.value.words.en
