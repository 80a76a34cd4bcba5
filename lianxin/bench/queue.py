"""`lianxin bench queue`: a county officer's queue page as the number of cases grows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lianxin.bench.figures import Figure
from lianxin.bench.loads import CLIENTS

QUEUE_AIM = 1.5


@dataclass(frozen=True, slots=True)
class QueuePlan:
    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    seconds: float = 5.0
    rounds: int = 3
    workers: int = 2
    threads: int = 4
    clients: int = CLIENTS
    explain: bool = False


@dataclass
class QueueResult:
    machine: dict[str, Any]
    figures: list[Figure]
    memory: dict[int, int]
    ratio: float
    plans: dict[int, list[str]] = field(default_factory=dict)


def measure_queue(home: Path, plan: QueuePlan, say: Callable[[str], None]) -> QueueResult:
    raise NotImplementedError
