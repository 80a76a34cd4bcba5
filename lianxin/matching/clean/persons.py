"""Cleaning one person: the same as ``lists`` makes of a list of one row, in microseconds. A test holds them equal."""

from collections.abc import Mapping

from lianxin.matching.clean.addresses import clean_employer, clean_region, clean_text, head_of, split_head
from lianxin.matching.clean.facts import clean_birth_date, clean_sex
from lianxin.matching.clean.names import clean_name
from lianxin.matching.clean.numbers import birth_in, clean_number, number_state, sex_in
from lianxin.matching.clean.phones import clean_phone


def clean_person(given: Mapping[str, str | None]) -> dict[str, object]:
    """A row of a clean roster, from the columns of a list as they were written."""
    told = {column: value for column, value in given.items() if value}
    number = clean_number(told["id_number"]) if "id_number" in told else None
    text = clean_text(told["address"]) if "address" in told else None
    code, length = split_head(head_of(text)) if text else (None, 0)
    said = clean_region(told["region"]) if "region" in told else None
    # What the address names is taken when it is the same region or one inside it.
    inside = said is None or (code is not None and code.startswith(said.rstrip("0")))
    return {
        "record_id": told.get("record_id", ""),
        "name": clean_name(told["name"]) if "name" in told else None,
        "id_number": number,
        "id_state": number_state(number),
        "sex": (clean_sex(told["sex"]) if "sex" in told else None) or (sex_in(number) if number else None),
        "birth_date": (clean_birth_date(told["birth_date"]) if "birth_date" in told else None)
        or (birth_in(number) if number else None),
        "phone": clean_phone(told["phone"]) if "phone" in told else None,
        "region": (code or said) if inside else said,
        "address": (text or "")[length:] or None,
        "employer": clean_employer(told["employer"]) if "employer" in told else None,
    }
