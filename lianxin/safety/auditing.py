"""What ``lianxin verify`` asks of the safety line, beside the triggers of the database."""

from collections.abc import Iterator

from lianxin.kernel.audit.verify import Finding
from lianxin.kernel.text import Text
from lianxin.safety.queries.hazards import unproven_closed
from lianxin.safety.queries.suggestions import unproven_adopted


def closed_with_proof() -> Iterator[Finding]:
    """Every closed hazard and every closed adopted suggestion has verified evidence."""
    for number in (*unproven_closed(), *unproven_adopted()):
        yield Finding(
            "closed_without_proof",
            number,
            Text(
                "已办结，但没有经他人验收的证据。",
                "it is closed without evidence that somebody else verified.",
            ),
        )
