"""Whoever is signed in is put under their own scope and read, in one statement.

A policy reads the scope once a statement begins, so setting and reading take two statements; a function holds both.
"""

from django.db import migrations

ENTER = """
CREATE FUNCTION people_enter(me bigint, person_key text) RETURNS SETOF people_person LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lianxin.wide', '', false), set_config('lianxin.narrow', '', false),
    set_config('lianxin.person', person_key, false), set_config('lianxin.me', me::text, false),
    set_config('lianxin.case', '', false);
  RETURN QUERY SELECT * FROM people_person p WHERE p.id = me AND p.erased_at IS NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_follow")]

    operations = [migrations.RunSQL(ENTER, "DROP FUNCTION people_enter(bigint, text);")]
