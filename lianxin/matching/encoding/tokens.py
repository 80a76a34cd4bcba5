"""What of a record goes into its encoding: a few keyed hashes, and two Bloom filters of its name.

A hash that can be compared is a hash that can be counted. Hence none of a value that many share: apart from the
identity number each one is salted with the birth date, or joined to the name, so that few persons have the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256
from struct import Struct
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.hmac import HMAC

from lianxin.matching.encoding.keyfile import Key
from lianxin.matching.names import Place, places_of

# A filter has twice BITS bits, then its halves are put on one another (XOR): what lay in either cannot be told.
BITS = 256
WORDS = BITS // 64
_SIXTEEN = Struct(">16H").unpack
# Bits for each reading, for each character and for each shape of it.
BITS_OF_READING, BITS_OF_CHARACTER, BITS_OF_SHAPE = 16, 8, 10
# Of 256 bits so many are turned round on average: differential privacy of each bit with epsilon ln(243/13) = 2.9.
FLIPS = 13

# Lists of hashes, single hashes, and the words of both filters: the columns of an encoding, beside its record id.
LISTS = ("surname", "given", "name_phone", "name_home")
SINGLES = ("number", "phone", "home", "door", "employer", "name_region")
FILTERS = tuple(f"{kind}{n}" for kind in ("sound", "shape") for n in range(WORDS))
# Hashes that hold the birth date: one in common, and the birth dates agree.
WITH_BIRTH = ("surname", "given", "phone", "home", "door", "employer", "name_region")

# A phone or home that more records than this give is not joined to names: of a works' phone, 王伟 would be counted.
MOST_OF_A_HOUSEHOLD = 8

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes records with one key."""

    key: Key

    def encode(self, records: Iterator[Record]) -> dict[str, list[Any]]:
        """Columns of an encoding for these records, without ids. A record has the columns of `NEEDED`."""
        columns: dict[str, list[Any]] = {name: [] for name in (*LISTS, *SINGLES, *FILTERS)}
        started = {name: self.key.started(name) for name in (*LISTS, *SINGLES, "sound", "shape", "flip")}
        for record in records:
            for name, value in _hashes(started, record):
                columns[name].append(value)
            words = _filters(started, record) if record["birth"] is not None else [None] * len(FILTERS)
            for name, word in zip(FILTERS, words, strict=True):
                columns[name].append(word)
        return columns


NEEDED = (
    *(
        "record_id",
        "name",
        "sex",
        "id_number",
        "id_state",
        "birth",
        "phone",
        "region",
        "street",
        "door",
        "room",
    ),
    *("firm", "nears", "surname_sounds", "given_sounds", "crowded_phone", "crowded_home"),
)


def _hashes(started: Mapping[str, HMAC], record: Record) -> Iterator[tuple[str, Any]]:
    birth, nears = record["birth"], record["nears"] or []
    phone, firm, region = record["phone"], record["firm"], record["region"]
    street, door, room = record["street"], record["door"], record["room"]
    home = (street, door, room) if street and door is not None and room is not None else None
    born = birth is not None
    valid = record["id_state"] == "valid"
    yield "number", _hash(started["number"], record["id_number"]) if valid else None
    yield (
        "surname",
        [_hash(started["surname"], birth, s) for s in record["surname_sounds"] or []] if born else [],
    )
    yield "given", [_hash(started["given"], birth, s) for s in record["given_sounds"] or []] if born else []
    yield "phone", _hash(started["phone"], birth, phone) if born and phone else None
    yield "home", _hash(started["home"], birth, *home) if born and home else None
    yield (
        "door",
        _hash(started["door"], birth, street, door) if born and street and door is not None else None,
    )
    yield "employer", _hash(started["employer"], birth, firm) if born and firm else None
    near = nears[0] if nears else None
    known = born and region is not None and near is not None
    yield "name_region", _hash(started["name_region"], birth, near, region) if known else None
    yield (
        "name_phone",
        [_hash(started["name_phone"], n, phone) for n in nears[:2]]
        if phone and not record["crowded_phone"]
        else [],
    )
    yield (
        "name_home",
        [_hash(started["name_home"], n, *home) for n in nears[:2]]
        if home and not record["crowded_home"]
        else [],
    )


def _digest(started: HMAC, *parts: object) -> bytes:
    made = started.copy()
    made.update("\x1f".join(map(str, parts)).encode())
    return made.finalize()


def _hash(started: HMAC, *parts: object) -> int:
    """Sixty-four bits of the keyed hash, as a database keeps them."""
    return int.from_bytes(_digest(started, *parts)[:8], "big", signed=True)


def _filters(started: Mapping[str, HMAC], record: Record) -> list[int]:
    """Both filters of a name, salted with the birth date, as words of 64 bits."""
    birth, name = record["birth"], record["name"]
    places = _places(name)
    sounds = [(n, place.reading) for n, place in enumerate(places)]
    shapes = [(n, *shape) for n, place in enumerate(places) for shape in place.shapes]
    sound = shape = 0
    for token in sounds:
        sound |= _spread(_digest(started["sound"], birth, *token), BITS_OF_READING)
    for place in enumerate(name):
        shape |= _spread(_digest(started["shape"], birth, *place), BITS_OF_CHARACTER)
    for part in shapes:
        shape |= _spread(_digest(started["shape"], birth, *part), BITS_OF_SHAPE)
    return [
        *_words(_folded(sound) ^ _flips(_digest(started["flip"], birth, sounds))),
        *_words(_folded(shape) ^ _flips(_digest(started["flip"], birth, name))),
    ]


@lru_cache(maxsize=100_000)
def _places(name: str) -> list[Place]:
    return places_of(name)


def _spread(digest: bytes, count: int) -> int:
    """So many bits of the filter, each from two bytes of the keyed hash: no double hashing, which betrays bits."""
    bits = 0
    for place in _SIXTEEN(digest)[:count]:
        bits |= 1 << (place % (2 * BITS))
    return bits


def _folded(bits: int) -> int:
    return (bits >> BITS) ^ (bits & ((1 << BITS) - 1))


def _flips(digest: bytes) -> int:
    """Which bits are turned round. It follows from key and content: encoding again does not average it away."""
    drawn = np.frombuffer(shake_256(digest).digest(BITS), np.uint8) < FLIPS
    return int.from_bytes(np.packbits(drawn).tobytes(), "big")


def _words(bits: int) -> list[int]:
    """Words of 64 bits, signed as a database keeps them."""
    taken = bits.to_bytes(BITS // 8, "big")
    return [int.from_bytes(taken[n : n + 8], "big", signed=True) for n in range(0, len(taken), 8)]
