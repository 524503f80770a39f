"""Which records bear tags: each domain says so of its own when its app is ready (`sql/tags_borne.sql` keeps them)."""

from dataclasses import dataclass
from typing import Any

from django.db import migrations
from django.urls import reverse
from django.utils.http import urlencode


@dataclass(frozen=True)
class Bearer:
    """A model with a `tags_field`, and the list that narrows its records by `?tags=`."""

    model: Any
    url_name: str

    @property
    def label(self) -> Any:
        """What its records are called."""
        return self.model._meta.verbose_name_plural

    def list_url(self, word: str) -> str:
        """Its records with this word."""
        return f"{reverse(self.url_name)}?{urlencode({'tags': word})}"


_BEARERS: list[Bearer] = []


def bears(model: Any, url_name: str) -> None:
    """Words on these records are counted, renamed and merged with all others."""
    _BEARERS.append(Bearer(model, url_name))


def bearers() -> list[Bearer]:
    """All records that bear tags, in the order of the domains."""
    return list(_BEARERS)


def tags_kept(table: str) -> migrations.RunSQL:
    """For the migration that gives `table` its tags: each is a tag, once, and none that a record bears vanishes."""
    return migrations.RunSQL(
        [
            (
                f"""
CREATE TRIGGER {table}_tagged BEFORE INSERT ON public.{table}
  FOR EACH ROW WHEN (cardinality(NEW.tags) > 0) EXECUTE FUNCTION public.accounts_tags_known();
CREATE TRIGGER {table}_tagged_anew BEFORE UPDATE OF tags ON public.{table}
  FOR EACH ROW WHEN (cardinality(NEW.tags) > 0 AND NEW.tags IS DISTINCT FROM OLD.tags)
  EXECUTE FUNCTION public.accounts_tags_known();
CREATE CONSTRAINT TRIGGER accounts_tag_stays_on_{table} AFTER DELETE OR UPDATE ON public.accounts_tag
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.accounts_tag_borne_by('{table}');
""",
                None,
            )
        ],
        migrations.RunSQL.noop,
    )
