"""Lines of bills name a cost centre and a project."""

import django.db.models.deletion
from django.db import migrations, models

_KINDS = [("cost_centre", "cost centre"), ("project", "project")]


def _named(model: str, name: str, words: str, *, kept: bool = False) -> migrations.AddField:
    deleted = django.db.models.deletion.DO_NOTHING if kept else django.db.models.deletion.PROTECT
    field = models.ForeignKey(
        blank=True,
        db_constraint=not kept,
        db_index=False,
        null=True,
        on_delete=deleted,
        related_name="+",
        to="ledger.dimension",
        verbose_name=words,
    )
    return migrations.AddField(model, name, field)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0020_dimensions"),
        ("bills", "0006_currencies"),
    ]

    operations = [
        *(_named("billline", *kind) for kind in _KINDS),
        *(_named("historicalbillline", *kind, kept=True) for kind in _KINDS),
    ]
