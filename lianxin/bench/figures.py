"""Latencies into figures: what a round gave, and the median of rounds with their spread."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MS = 1000.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one subject gave. Latencies in milliseconds; processors as shares of one core."""

    requests: int
    rate: float
    p50: float
    p95: float
    p99: float
    client_cpu: float = 0.0
    server_cpu: float = 0.0
    database_cpu: float = 0.0


@dataclass(slots=True)
class Figure:
    """A subject, its rounds, and what else is known of it."""

    name: str
    rounds: list[Round] = field(default_factory=list)
    statements: int | None = None

    @property
    def rate(self) -> float:
        """Requests per second: the median of the rounds."""
        return self.median("rate")

    def median(self, name: str) -> float:
        """The median of one value over the rounds."""
        return float(statistics.median(getattr(each, name) for each in self.rounds))

    @property
    def spread(self) -> float:
        """How far apart the fastest and the slowest round lie, as a share of the median."""
        rates = [each.rate for each in self.rounds]
        return (max(rates) - min(rates)) / self.rate if self.rate else 0.0

    def as_dict(self) -> dict[str, Any]:
        """For a program: the medians, and every round."""
        medians = {name: round(self.median(name), 3) for name in ("rate", "p50", "p95", "p99")}
        processors = {
            name: round(self.median(name), 2) for name in ("client_cpu", "server_cpu", "database_cpu")
        }
        return {
            "name": self.name,
            **medians,
            "spread": round(self.spread, 3),
            "statements": self.statements,
            **processors,
            "rounds": [asdict(each) for each in self.rounds],
        }


def round_of(
    latencies: Sequence[float],
    *,
    wall: float,
    client: float = 0.0,
    server: float = 0.0,
    database: float = 0.0,
) -> Round:
    """Exact figures of one round from every latency (seconds) of it."""
    ordered = sorted(latencies)
    return Round(
        requests=len(ordered),
        rate=len(ordered) / wall if wall else 0.0,
        p50=percentile(ordered, 50) * MS,
        p95=percentile(ordered, 95) * MS,
        p99=percentile(ordered, 99) * MS,
        client_cpu=client,
        server_cpu=server,
        database_cpu=database,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many per cent of the values do not exceed (nearest rank); 0 of nothing."""
    if not ordered:
        return 0.0
    rank = max(1, -(-len(ordered) * share // 100))
    return ordered[int(rank) - 1]


HEAD = ("subject", "req/s", "p50 ms", "p95 ms", "p99 ms", "spread", "SQL", "client", "server", "database")


def table(figures: Sequence[Figure]) -> list[str]:
    """The figures as lines of a Markdown table, which reads well on a terminal too."""
    rows = [HEAD, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2 - bool(n)) + ":" * bool(n) for n, width in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.rjust(width) if column else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def _cells(figure: Figure) -> tuple[str, ...]:
    processors = (figure.median(name) for name in ("client_cpu", "server_cpu", "database_cpu"))
    return (
        figure.name,
        f"{figure.rate:,.0f}",
        *(f"{figure.median(name):.2f}" for name in ("p50", "p95", "p99")),
        f"{figure.spread:.0%}",
        "" if figure.statements is None else str(figure.statements),
        *(f"{share:.0%}" for share in processors),
    )
