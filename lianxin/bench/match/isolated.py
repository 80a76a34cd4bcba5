"""Run a function in a process of its own: how long it took, and the most memory that it held."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lianxin.bench.serving import BenchProblem


@dataclass(frozen=True, slots=True)
class Ran:
    """`memory` is the peak of resident memory, in bytes; `processor` the seconds of all cores together."""

    result: Any
    seconds: float
    processor: float
    memory: int


def run_alone(work: Callable[..., Any], *arguments: Any) -> Ran:
    """Run `work` in a fresh interpreter, so that nothing of what went before counts as its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(sender, work, arguments))
    process.start()
    sender.close()
    try:
        ran: Ran = receiver.recv()
    except EOFError:
        process.join()
        raise BenchProblem(f"{work.__name__} ended with {process.exitcode}; see above") from None
    process.join()
    return ran


def _measure(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    began, used = time.perf_counter(), time.process_time()
    result = work(*arguments)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, Linux in KiB.
    sender.send(Ran(result, seconds, processor, peak if sys.platform == "darwin" else peak * 1024))
    sender.close()
