"""The forms of many names at once: what `names.name_forms` says of each, reckoned in columns.

A name's tokens are exclusive ors of one number for each place, so that all names take one step together: numbers of
characters and syllables are made once (`names`), and numpy joins them. A test holds both to the same answers; names
longer than :data:`LONGEST` are worked on one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lianxin.matching import names as single
from lianxin.matching.frequencies import expected_share

Numbers = npt.NDArray[Any]

LONGEST = 12

_LISTS = ("sounds", "nears", "looks", "slips", "surname_sounds", "given_sounds")
_NUMBERS = ("sound", "near", "bag")
FORMS = pa.schema(
    [("name", pa.string()), ("surname", pa.string()), ("given", pa.string()), ("expected", pa.float64())]
    + [(column, pa.int64()) for column in _NUMBERS]
    + [(column, pa.list_(pa.int64())) for column in _LISTS]
)


def form_batch(names: Sequence[str]) -> pa.RecordBatch:
    """The forms of these names, as the database takes them in; long ones come last."""
    usual = [name for name in names if _is_usual(name)]
    table = _in_columns(usual) if usual else _one_by_one([])
    if len(usual) == len(names):
        return table
    others = _one_by_one([name for name in names if not _is_usual(name)])
    (batch,) = pa.Table.from_batches([table, others]).combine_chunks().to_batches()
    return batch


def _is_usual(name: str) -> bool:
    return 0 < len(name) <= LONGEST and "\0" not in name


def _one_by_one(names: Sequence[str]) -> pa.RecordBatch:
    forms = [single.name_forms(name) for name in names]
    columns = [
        pa.array([expected_share(form.surname, form.given) for form in forms], field.type)
        if field.name == "expected"
        else pa.array([getattr(form, field.name) for form in forms], field.type)
        for field in FORMS
    ]
    return pa.RecordBatch.from_arrays(columns, schema=FORMS)


@dataclass(frozen=True, slots=True)
class _Ragged:
    """Lists of different lengths one after another: list n is values[starts[n]:starts[n + 1]]."""

    starts: Numbers
    values: Numbers

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> "_Ragged":
        """From lists of whole numbers."""
        starts = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(each) for each in lists], out=starts[1:])
        return cls(starts, np.array([value for each in lists for value in each], np.int64))

    @classmethod
    def grouped(cls, owners: Numbers, values: Numbers, count: int) -> "_Ragged":
        """From values whose owners, numbered below `count`, stand in order."""
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(owners, minlength=count), out=starts[1:])
        return cls(starts, values)

    def lengths(self) -> Numbers:
        """How long each list is."""
        return np.diff(self.starts)

    def chosen(self, which: Numbers) -> tuple[Numbers, Numbers]:
        """The lists of these numbers one after another: for each value its place in `which`, and the value."""
        lengths = self.lengths()[which]
        owners = np.repeat(np.arange(len(which)), lengths)
        first = np.cumsum(lengths) - lengths
        at = np.arange(len(owners)) - first[owners] + self.starts[which][owners]
        return owners, self.values[at]

    def array(self) -> pa.Array:
        """For the database."""
        return pa.ListArray.from_arrays(pa.array(self.starts.astype(np.int32)), pa.array(self.values))


@dataclass(frozen=True, slots=True)
class _Names:
    """Names as numbers of their characters, one row a name, 0 beyond its end; the given name begins at `first`."""

    characters: list[str]
    rows: Numbers
    lengths: Numbers
    first: Numbers

    def at(self, place: int) -> Numbers:
        """The characters at a place."""
        column: Numbers = self.rows[:, place]
        return column


def _in_columns(names: list[str]) -> pa.RecordBatch:
    parts = [single.split_name(name) for name in names]
    surnames, surname_of = np.unique(np.array([surname for surname, _ in parts]), return_inverse=True)
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    width = int(lengths.max())
    codes = np.array(names, f"U{width}").view(np.uint32).reshape(len(names), width)
    known, numbers = np.unique(codes, return_inverse=True)
    rows = numbers.reshape(codes.shape)
    if known[0] != 0:  # all names are equally long: 0 has to stay free
        known, rows = np.concatenate([[0], known]), rows + 1
    first = np.fromiter((len(surname) for surname in surnames), np.int64, len(surnames))[surname_of]
    table = _Names([chr(code) for code in known], rows, lengths, first)
    sounds, nears, given = _readings(table, [str(surname) for surname in surnames], surname_of)
    ways = [single.surname_tokens(str(surname)) for surname in surnames]
    columns = {
        "name": pa.array(names, pa.string()),
        "surname": pa.array([surname for surname, _ in parts], pa.string()),
        "given": pa.array([given for _, given in parts], pa.string()),
        "expected": pa.array(_expected(parts)),
        "sound": pa.array(sounds.values[sounds.starts[:-1]]),
        "near": pa.array(nears.values[nears.starts[:-1]]),
        "bag": pa.array(_bags(table)),
        "sounds": sounds.array(),
        "nears": nears.array(),
        "looks": _looks(table).array(),
        "slips": _slips(table).array(),
        "surname_sounds": _of_each(_Ragged.of([way.sounds for way in ways]), surname_of).array(),
        "given_sounds": given.array(),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in FORMS.names], schema=FORMS)


def _of_each(lists: _Ragged, which: Numbers) -> _Ragged:
    owners, values = lists.chosen(which)
    return _Ragged.grouped(owners, values, len(which))


def _expected(parts: list[tuple[str, str]]) -> Numbers:
    shares: dict[tuple[str, int], float] = {}
    found = np.empty(len(parts))
    for n, (surname, given) in enumerate(parts):
        kind = (surname, len(given))
        share = shares.get(kind)
        if share is None:
            share = shares[kind] = expected_share(surname, given)
        found[n] = share
    return found


def _readings(table: _Names, surnames: list[str], surname_of: Numbers) -> tuple[_Ragged, _Ragged, _Ragged]:
    """All readings of each name: tokens of sound, of near sound, and of the given name's near sound.

    A name begins with the readings of its surname; each character of the given name multiplies them by its own.
    """
    count = len(surname_of)
    ways = [single.surname_tokens(surname) for surname in surnames]
    owners, sound = _Ragged.of([way.readings for way in ways]).chosen(surname_of)
    _, near = _Ragged.of([way.nears for way in ways]).chosen(surname_of)
    given = np.zeros(len(owners), np.int64)
    syllables = [single.syllables(character) for character in table.characters[1:]]
    spoken = {syllable: n for n, syllable in enumerate(dict.fromkeys(s for each in syllables for s in each))}
    of_character = _Ragged.of([[0], *([spoken[s] for s in each] for each in syllables)])
    places = range(table.rows.shape[1])
    sound_at = np.array([[single.sound_at(place, s) for s in spoken] for place in places], np.int64)
    near_at = np.array([[single.near_at(place, s) for s in spoken] for place in places], np.int64)
    for step in places:
        place = table.first[owners] + step
        going_on = place < table.lengths[owners]
        if not going_on.any():
            break
        character = np.where(going_on, table.rows[owners, np.minimum(place, places[-1])], 0)
        before, syllable = of_character.chosen(character)
        going_on, place = going_on[before], np.minimum(place[before], places[-1])
        owners = owners[before]
        sound = sound[before] ^ np.where(going_on, sound_at[place, syllable], 0)
        near = near[before] ^ np.where(going_on, near_at[place, syllable], 0)
        given = given[before] ^ np.where(going_on, near_at[step, syllable], 0)
        kept = _rank(owners) < single.MOST_READINGS
        owners, sound, near, given = owners[kept], sound[kept], near[kept], given[kept]
    named = (table.lengths > table.first)[owners]
    return (
        _distinct(owners, sound, count),
        _distinct(owners, near, count),
        _distinct(owners[named], given[named], count),
    )


def _rank(owners: Numbers) -> Numbers:
    """Whether a value is its owner's first (0), second (1), …; owners stand in order."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    lengths = np.diff(np.append(starts, len(owners)))
    return np.arange(len(owners)) - np.repeat(starts, lengths)


def _distinct(owners: Numbers, values: Numbers, count: int) -> _Ragged:
    """Each owner's values, each once, in the order in which they first stand there."""
    order = np.lexsort((values, owners))
    again = np.zeros(len(owners), bool)
    # The sort is stable: of equal values the first stays first.
    again[order[1:]] = (owners[order[1:]] == owners[order[:-1]]) & (values[order[1:]] == values[order[:-1]])
    return _Ragged.grouped(owners[~again], values[~again], count)


def _char_at(table: _Names, place: int) -> Numbers:
    """The token at a place for each character there may be; 0 for none."""
    return np.array([0, *(single.char_at(place, c) for c in table.characters[1:])], np.int64)


def _bags(table: _Names) -> Numbers:
    tokens = _char_at(table, 0).astype(np.uint64)
    bags: Numbers = (tokens[table.rows].sum(axis=1, dtype=np.uint64) & np.uint64(single.MASK)).astype(
        np.int64
    )
    return bags


def _places(table: _Names) -> Numbers:
    """For each name and place, the token of the character that stands there."""
    columns = [_char_at(table, place)[table.at(place)] for place in range(table.rows.shape[1])]
    return np.stack(columns, axis=1)


def _looks(table: _Names) -> _Ragged:
    places = _places(table)
    whole = np.bitwise_xor.reduce(places, axis=1)
    owners, tokens = [], []
    for place in range(min(table.rows.shape[1], single.LONGEST_SHAPED)):
        shapes = _Ragged.of([[], *(single.shapes_at(place, c) for c in table.characters[1:])])
        shaped = np.flatnonzero((table.lengths > place) & (table.lengths <= single.LONGEST_SHAPED))
        at, shape = shapes.chosen(table.at(place)[shaped])
        owner = shaped[at]
        owners.append(owner)
        tokens.append(whole[owner] ^ places[owner, place] ^ shape)
    return _joined(owners, tokens, len(whole))


def _slips(table: _Names) -> _Ragged:
    places = _places(table)
    whole = np.bitwise_xor.reduce(places, axis=1)
    everybody = np.arange(len(whole))
    owners, tokens = [everybody], [whole]
    width = table.rows.shape[1]
    several = table.lengths - table.first > 1
    # What follows a character that is left out stands one place earlier.
    earlier = np.zeros_like(places)
    for place in range(width - 1):
        earlier[:, place] = _char_at(table, place)[table.at(place + 1)]
    for place in range(width):
        left_out = np.flatnonzero(several & (table.first <= place) & (table.lengths > place))
        before = np.bitwise_xor.reduce(places[left_out, :place], axis=1)
        owners += [left_out, left_out]
        tokens.append(whole[left_out] ^ places[left_out, place] ^ single.char_at(place, ""))
        tokens.append(before ^ np.bitwise_xor.reduce(earlier[left_out, place:], axis=1))
    cut = np.flatnonzero(table.lengths > single.CUT)
    owners.append(cut)
    tokens.append(np.bitwise_xor.reduce(places[cut, : single.CUT], axis=1) ^ single.token("cut"))
    lists = _joined(owners, tokens, len(whole))
    return _distinct(np.repeat(everybody, lists.lengths()), lists.values, len(whole))


def _joined(owners: list[Numbers], tokens: list[Numbers], count: int) -> _Ragged:
    """Values that were found one kind after the other, put together by owner; the kinds keep their order."""
    owner, token = np.concatenate(owners), np.concatenate(tokens)
    order = np.argsort(owner, kind="stable")
    return _Ragged.grouped(owner[order], token[order], count)
