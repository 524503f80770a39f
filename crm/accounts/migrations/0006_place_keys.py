"""Accounts are found by a piece of the name with a piece of the address."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BATCH = 2000
KEY = models.CharField(max_length=60)


def fill(apps: Any, schema_editor: Any) -> None:
    """Accounts that are here already get their keys, batch by batch; done again, it goes on where it was."""
    from crm.accounts.services import place_of

    model = apps.get_model("accounts", "Account")
    last = None
    while True:
        rows = model.objects.filter(like_keys=[]).exclude(street="", city="", postal_code="").order_by("pk")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
        if not batch:
            return
        for account in batch:
            account.like_keys = place_of(account).keys
        model.objects.bulk_update(batch, ["like_keys"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0005_merges")]

    operations = [
        migrations.AddField(
            "account",
            "like_keys",
            ArrayField(
                KEY, db_default=models.Value([], output_field=ArrayField(KEY)), default=list, editable=False, size=None
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently("account", GinIndex(fields=["like_keys"], name="account_like_place")),
    ]
