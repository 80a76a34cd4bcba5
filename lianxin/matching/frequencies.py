"""How common a name is, before any list has been counted: so that lists of fifty rows know that 王伟 is common."""

from lianxin.matching.surnames import surname_shares

# A surname that is not in the table, and given names of one, two and more characters: rough shares among all people.
_OTHER_SURNAME = 0.0001
_GIVEN = {1: 0.003, 2: 0.0004}
_LONG_GIVEN = 0.00005
# A list of this many rows counts as much as what is known beforehand.
PRIOR_ROWS = 3_000


def expected_share(surname: str, given: str) -> float:
    """The share of people who are expected to bear this name."""
    share = surname_shares().get(surname, _OTHER_SURNAME) if surname else 0.01
    return share * _GIVEN.get(len(given), _LONG_GIVEN)
