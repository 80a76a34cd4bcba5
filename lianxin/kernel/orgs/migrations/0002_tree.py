"""The trees hold together: counters for the roots, and triggers that check each node against its parent."""

from django.db import migrations

ROOTS = """
CREATE SEQUENCE orgs_organization_roots MINVALUE 1 MAXVALUE 1679615;
CREATE SEQUENCE orgs_site_roots MINVALUE 1;
"""

ORGANIZATION = """
CREATE FUNCTION orgs_may_stand(kind text, under text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT under = ANY (CASE kind
  WHEN 'federation' THEN '{federation}'
  WHEN 'industry' THEN '{federation,industry}'
  WHEN 'joint' THEN '{federation,joint,industry}'
  WHEN 'enterprise_union' THEN '{federation,joint,industry,enterprise,enterprise_union}'
  WHEN 'enterprise' THEN '{federation,joint,industry,enterprise,enterprise_union}'
  ELSE '{federation}' END::text[])
$$;
CREATE FUNCTION orgs_acts_on(kind text, path text, parent_kind text, parent_path text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN kind IN ('safety_office', 'authority')
              OR (kind = 'enterprise_union' AND parent_kind = 'enterprise')
            THEN parent_path ELSE path END
$$;
CREATE FUNCTION orgs_check_organization() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  parent orgs_organization;
  acts_on text := NEW.path;
BEGIN
  IF NEW.parent_id IS NULL THEN
    IF length(NEW.path) <> 4 THEN
      RAISE EXCEPTION 'organization %: a root has a path of one level', NEW.id USING ERRCODE = 'check_violation';
    END IF;
  ELSE
    SELECT * INTO parent FROM orgs_organization WHERE id = NEW.parent_id FOR SHARE;
    IF length(NEW.path) <> length(parent.path) + 4 OR NOT NEW.path ^@ parent.path THEN
      RAISE EXCEPTION 'organization %: its path does not follow its parent''s', NEW.id
        USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.active AND NOT parent.active THEN
      RAISE EXCEPTION 'organization %: its parent is dissolved', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.level < parent.level + (NEW.kind IN ('federation', 'joint'))::int THEN
      RAISE EXCEPTION 'organization %: its level does not lie below its parent''s', NEW.id
        USING ERRCODE = 'check_violation';
    END IF;
    IF NOT orgs_may_stand(NEW.kind, parent.kind) THEN
      RAISE EXCEPTION 'organization %: % cannot stand under %', NEW.id, NEW.kind, parent.kind
        USING ERRCODE = 'check_violation';
    END IF;
    acts_on := orgs_acts_on(NEW.kind, NEW.path, parent.kind, parent.path);
  END IF;
  IF NEW.jurisdiction_path <> acts_on THEN
    RAISE EXCEPTION 'organization %: its jurisdiction is not where it stands', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND EXISTS (
    SELECT FROM orgs_organization c
    WHERE c.parent_id = NEW.id
      AND (NOT c.path ^@ NEW.path
           OR (c.active AND NOT NEW.active)
           OR NOT orgs_may_stand(c.kind, NEW.kind)
           OR c.jurisdiction_path <> orgs_acts_on(c.kind, c.path, NEW.kind, NEW.path)
           OR c.level < NEW.level + (c.kind IN ('federation', 'joint'))::int)
  ) THEN
    RAISE EXCEPTION 'organization %: what stands under it does not follow', NEW.id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tree AFTER INSERT OR UPDATE OF parent_id, path, jurisdiction_path, level, kind, active
  ON orgs_organization FOR EACH ROW EXECUTE FUNCTION orgs_check_organization();
"""

SITE = """
CREATE FUNCTION orgs_check_site() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parent orgs_site;
BEGIN
  IF NEW.parent_id IS NULL THEN
    IF length(NEW.path) <> 8 THEN
      RAISE EXCEPTION 'site %: a root has a path of eight characters', NEW.id USING ERRCODE = 'check_violation';
    END IF;
  ELSE
    SELECT * INTO parent FROM orgs_site WHERE id = NEW.parent_id FOR SHARE;
    IF length(NEW.path) <> length(parent.path) + 4 OR NOT NEW.path ^@ parent.path THEN
      RAISE EXCEPTION 'site %: its path does not follow its parent''s', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF parent.kind = 'equipment' OR parent.organization_id <> NEW.organization_id THEN
      RAISE EXCEPTION 'site %: it cannot stand there', NEW.id USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND EXISTS (
    SELECT FROM orgs_site c
    WHERE c.parent_id = NEW.id
      AND (NOT c.path ^@ NEW.path OR c.organization_id <> NEW.organization_id OR NEW.kind = 'equipment')
  ) THEN
    RAISE EXCEPTION 'site %: what stands under it does not follow', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tree AFTER INSERT OR UPDATE OF parent_id, path, organization_id, kind
  ON orgs_site FOR EACH ROW EXECUTE FUNCTION orgs_check_site();
"""


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("orgs", "0001_initial")]

    operations = [
        migrations.RunSQL(ROOTS, "DROP SEQUENCE orgs_organization_roots; DROP SEQUENCE orgs_site_roots;"),
        migrations.RunSQL(
            ORGANIZATION,
            """DROP TRIGGER tree ON orgs_organization; DROP FUNCTION orgs_check_organization();
            DROP FUNCTION orgs_may_stand(text, text); DROP FUNCTION orgs_acts_on(text, text, text, text);""",
        ),
        migrations.RunSQL(SITE, "DROP TRIGGER tree ON orgs_site; DROP FUNCTION orgs_check_site();"),
    ]
