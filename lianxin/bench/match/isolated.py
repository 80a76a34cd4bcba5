"""Run something in a process of its own: how long it took, and the most memory that it and its children held."""

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

import psutil

from lianxin.bench.serving import BenchProblem

_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Ran:
    """What came out, the seconds it took, and the peak of resident memory in bytes, children included."""

    result: Any
    seconds: float
    memory: int


def run_command(words: Sequence[str], say: Callable[[str], None]) -> Ran:
    """Run one of the product's commands; its progress is passed on, its answer is the result."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "lianxin", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    passing = threading.Thread(target=_pass_on, args=(process.stderr, say))
    passing.start()
    try:
        with _Watch(process.pid) as watch:
            told = process.stdout.read() if process.stdout else ""
            code = process.wait()
            seconds = time.perf_counter() - began
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        passing.join()
    if code:
        raise BenchProblem(f"lianxin {words[0]} ended with {code}: see above")
    return Ran(told, seconds, watch.peak)


def run_function(work: Callable[..., Any], *arguments: Any) -> Ran:
    """Run a function in a fresh interpreter, so that nothing of what went before counts as its own.

    The time is the function's, without the start of the interpreter and its imports of the bench.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, work, arguments))
    process.start()
    sender.close()
    try:
        with _Watch(process.pid or 0) as watch:
            result, seconds = receiver.recv()
    except EOFError:
        process.join()
        raise BenchProblem(f"{work.__name__} ended with {process.exitcode}: see above") from None
    finally:
        if sys.exc_info()[0] is not None:
            process.terminate()
        process.join()
    return Ran(result, seconds, watch.peak)


def _work(sender: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    began = time.perf_counter()
    result = work(*arguments)
    sender.send((result, time.perf_counter() - began))
    sender.close()


def _pass_on(stream: Any, say: Callable[[str], None]) -> None:
    for line in stream:
        say(line.rstrip())


class _Watch:
    """Looks at the memory of a process and of those it started, twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            self.peak = max(self.peak, self._held())
            self._over.wait(_EVERY)

    def _held(self) -> int:
        held = 0
        try:
            for process in (self._process, *self._process.children(recursive=True)):
                held += process.memory_info().rss
        except psutil.NoSuchProcess:
            return held
        return held
