"""What leads say in the fields that a company added."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import crm.accounts.models_custom
from crm.accounts.custom_sql import custom_kept


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_custom"),
        ("leads", "0005_tag_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicallead",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="lead",
                verbose_name="custom fields",
            ),
        ),
        migrations.AddField(
            model_name="lead",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="lead",
                verbose_name="custom fields",
            ),
        ),
        AddConstraintNotValid(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=crm.accounts.models_custom.OnlyScalars("custom"), name="lead_custom_is_plain"
            ),
        ),
        custom_kept("leads_lead", "lead"),
    ]
