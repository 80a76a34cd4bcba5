"""Every "no" of the product: a code for programs, a sentence for people, the field it is about."""

from django.db import IntegrityError

from lianxin.kernel.text import Text


class Refused(Exception):
    """The request is understood and cannot be done.

    ``code`` is stable and snake_case; ``message`` says what is wrong and what to do; ``field`` names the
    input that is at fault, when one is.
    """

    status = 422

    def __init__(self, code: str, message: Text, *, field: str | None = None) -> None:
        super().__init__(code, message, field)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotAllowed(Refused):
    """This actor may not do this. Answered like "not there" where even knowing would tell too much."""

    status = 403


class NotFound(Refused):
    """It is not there, or not there for this viewer: the two answer alike."""

    status = 404


class Conflict(Refused):
    """Somebody else was first, or the case has moved on since the page was drawn."""

    status = 409


class TooMany(Refused):
    """Too many tries; ``retry_after`` is in seconds."""

    status = 429

    def __init__(self, code: str, message: Text, *, retry_after: int, field: str | None = None) -> None:
        super().__init__(code, message, field=field)
        self.retry_after = retry_after


class Invalid(Refused):
    """Several fields at fault at once; ``faults`` maps each field to its sentences."""

    def __init__(self, faults: dict[str, list[Text]]) -> None:
        first_field, sentences = next(iter(faults.items()))
        super().__init__("invalid", sentences[0], field=first_field)
        self.faults = faults


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that the database would not let go."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
