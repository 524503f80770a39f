"""Plain SQL in migrations: functions and triggers that the owner role owns and no session can switch off."""

from pathlib import Path

from django.db import migrations

# The process role is named after the database user that connects (crm_app, erp_app, …); in a test or a
# renamed deployment the owner's name tells: <something>_owner ↔ <something>_app.
_APP_ROLE = "regexp_replace(current_user, '_owner$', '_app')"


def sql_file(path: Path, undo: str = migrations.RunSQL.noop) -> migrations.RunSQL:
    """Run a file of statements as one step (kept beside the migration as `sql/<name>.sql`)."""
    return migrations.RunSQL([(path.read_text(encoding="utf-8"), None)], undo)


def append_only(table: str, *, app_inserts: bool = False) -> migrations.RunSQL:
    """What is written in this table stays: by grant for the process role, by trigger for everyone.

    Rows come through a SECURITY DEFINER function (which runs as the owner), or, with `app_inserts`, from the process
    itself; nobody, the owner included, updates, deletes or truncates.
    """
    revoked = "UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER" + ("" if app_inserts else ", INSERT")
    return migrations.RunSQL(
        [
            (
                f"""
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {_APP_ROLE}) AND {_APP_ROLE} <> current_user THEN
    EXECUTE pg_catalog.format('REVOKE {revoked} ON public.{table} FROM %I',
                              {_APP_ROLE});
  END IF;
END $do$;
CREATE OR REPLACE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RAISE EXCEPTION '% on % is refused: what is written there stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'HM010';
END $fn$;
CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON public.{table}
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON public.{table}
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
""",  # noqa: S608 - table names come from our own migrations
                None,
            )
        ],
        f"DROP TRIGGER {table}_stays ON public.{table}; DROP TRIGGER {table}_not_truncated ON public.{table};",
    )


def read_only_for_app(table: str) -> migrations.RunSQL:
    """The process role may only SELECT here; the owner's functions may also update (counters, balances)."""
    return migrations.RunSQL(
        [
            (
                f"""
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {_APP_ROLE}) AND {_APP_ROLE} <> current_user THEN
    EXECUTE pg_catalog.format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON public.{table} FROM %I',
                              {_APP_ROLE});
  END IF;
END $do$;""",  # noqa: S608 - table names come from our own migrations
                None,
            )
        ],
        migrations.RunSQL.noop,
    )


def may_change(table: str, *columns: str) -> migrations.RunSQL:
    """After `append_only`: the process role may put these columns right; the rest of what is written still stays."""
    rest = " - ".join(["", *(f"'{column}'" for column in columns)])
    return migrations.RunSQL(
        [
            (
                f"""
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {_APP_ROLE}) AND {_APP_ROLE} <> current_user THEN
    EXECUTE pg_catalog.format('GRANT UPDATE ({", ".join(columns)}) ON public.{table} TO %I', {_APP_ROLE});
  END IF;
END $do$;
DROP TRIGGER {table}_stays ON public.{table};
CREATE TRIGGER {table}_stays BEFORE UPDATE ON public.{table} FOR EACH ROW
  WHEN ((pg_catalog.to_jsonb(OLD){rest}) IS DISTINCT FROM (pg_catalog.to_jsonb(NEW){rest}))
  EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER {table}_kept BEFORE DELETE ON public.{table}
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
""",  # noqa: S608 - names come from our own migrations
                None,
            )
        ],
        migrations.RunSQL.noop,
    )
