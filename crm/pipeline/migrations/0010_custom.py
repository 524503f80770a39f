"""What deals say in the fields that a company added."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import crm.accounts.models_custom
from crm.accounts.custom_sql import custom_kept


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_custom"),
        ("pipeline", "0009_tag_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="deal",
                verbose_name="custom fields",
            ),
        ),
        migrations.AddField(
            model_name="historicaldeal",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="deal",
                verbose_name="custom fields",
            ),
        ),
        AddConstraintNotValid(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=crm.accounts.models_custom.OnlyScalars("custom"), name="deal_custom_is_plain"
            ),
        ),
        custom_kept("pipeline_deal", "deal"),
    ]
