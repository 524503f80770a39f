"""For the migration that gives a table its custom values."""

from django.db import migrations


def custom_kept(table: str, of: str) -> migrations.RunSQL:
    """Each value is of a field there is, and of its kind (`sql/custom.sql`)."""
    return migrations.RunSQL(
        [
            (
                f"""
CREATE TRIGGER {table}_custom BEFORE INSERT ON public.{table}
  FOR EACH ROW WHEN (NEW.custom <> '{{}}'::jsonb) EXECUTE FUNCTION public.accounts_custom_fits('{of}');
CREATE TRIGGER {table}_custom_anew BEFORE UPDATE OF custom ON public.{table}
  FOR EACH ROW WHEN (NEW.custom <> '{{}}'::jsonb AND NEW.custom IS DISTINCT FROM OLD.custom)
  EXECUTE FUNCTION public.accounts_custom_fits('{of}');
""",
                None,
            )
        ],
        migrations.RunSQL.noop,
    )
