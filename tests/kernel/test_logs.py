"""The log tells of a fault, and nothing of what was in it."""

import logging
import sys
from typing import Any, cast

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from lianxin.kernel.logs import Discreet

SECRET = "13900001111"


def told(fault: BaseException) -> str:
    try:
        raise fault
    except type(fault):
        return Discreet("{message}", style="{").format(
            logging.LogRecord("x", logging.ERROR, __file__, 1, "It broke", None, sys.exc_info())
        )


def test_a_fault_is_told_by_its_name_and_place() -> None:
    lines = told(ValueError(SECRET))
    assert lines.startswith("It broke\n")
    assert "test_logs.py" in lines
    assert lines.endswith("builtins.ValueError")
    assert SECRET not in lines


def test_what_led_to_a_fault_is_told_before_it() -> None:
    fault = ValueError(SECRET)
    fault.__cause__ = KeyError(SECRET)
    lines = told(fault)
    assert lines.index("builtins.KeyError") < lines.index("builtins.ValueError")
    assert SECRET not in lines


def test_a_context_that_was_put_aside_is_left_out() -> None:
    fault = ValueError(SECRET)
    fault.__context__ = KeyError(SECRET)
    assert "builtins.KeyError" in told(fault)
    fault.__suppress_context__ = True
    assert "KeyError" not in told(fault)


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_stays_out_of_the_log() -> None:
    with pytest.raises(IntegrityError) as refused, connection.cursor() as cursor:
        cursor.execute('INSERT INTO people_throttle (key, "window", count) VALUES (%s, now(), -1)', [SECRET])
    assert SECRET in str(refused.value)
    assert SECRET not in told(refused.value)


def test_every_handler_of_the_log_is_discreet() -> None:
    formats: dict[str, Any] = cast("Any", settings.LOGGING["formatters"])
    handlers: dict[str, Any] = cast("Any", settings.LOGGING["handlers"])
    assert {formats[one["formatter"]]["()"] for one in handlers.values()} == {"lianxin.kernel.logs.Discreet"}
