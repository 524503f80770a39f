"""Leads bear the team's words."""

import django.contrib.postgres.fields
from django.db import migrations, models

from crm.accounts.tag_bearers import tags_kept


def tags() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=40),
        blank=True,
        db_default=models.Value(
            [],
            output_field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), size=None
            ),
        ),
        default=list,
        size=None,
        verbose_name="tags",
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_place_keys"), ("accounts", "0011_tags_of_others")]

    operations = [
        migrations.AddField(model_name="lead", name="tags", field=tags()),
        migrations.AddField(model_name="historicallead", name="tags", field=tags()),
        tags_kept("leads_lead"),
    ]
