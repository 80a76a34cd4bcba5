"""Keys from outside."""

import pytest

from lianxin.kernel.keys import key_in


@pytest.mark.parametrize(("text", "key"), [("7", 7), (7, 7), ("007", 7), (str(2**63 - 1), 2**63 - 1)])
def test_key_is_read(text: object, key: int) -> None:
    assert key_in(text) == key


@pytest.mark.parametrize("text", ["", " 7", "-7", "+7", "7.0", "²", "７", "x", None, str(2**63), "9" * 5_000])
def test_what_is_no_key_is_none(text: object) -> None:
    assert key_in(text) is None
