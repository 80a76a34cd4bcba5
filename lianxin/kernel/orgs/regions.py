"""The national list of region codes, brought into the table."""

import json
from dataclasses import fields

from django.db import connection, transaction

from lianxin.regions.national import Entry, national_list


def load_regions() -> int:
    """Bring the table to the national list and return how many rows that changed; again it changes none."""
    columns = [f.name for f in fields(Entry)]
    names = ", ".join(columns)
    to_set = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns[1:])
    with transaction.atomic(), connection.cursor() as cursor:
        empty = f"SELECT {names} FROM orgs_region LIMIT 0"  # noqa: S608 - our own columns
        cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS {empty}")
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for entry in national_list().values():
                *plain, former_names = (getattr(entry, name) for name in columns)
                copy.write_row([*plain, json.dumps(former_names, ensure_ascii=False)])
        cursor.execute(
            f"""INSERT INTO orgs_region ({names}) SELECT {names} FROM incoming
            ON CONFLICT (code) DO UPDATE SET {to_set}
            WHERE (orgs_region.*) IS DISTINCT FROM (EXCLUDED.*)"""  # noqa: S608 - our own columns
        )
        changed = int(cursor.rowcount)
        cursor.execute("DROP TABLE incoming")
    return changed
