"""Who put a customer on hold, and who released them: two people."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_sets"),
        ("parties", "0003_einvoice"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalparty",
            name="held_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="put on hold by"
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="released_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="released by"
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="held_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="put on hold by"
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="released_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="released by"
            ),
        ),
        AddConstraintNotValid(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_hold", True),
                    ("held_by", ""),
                    models.Q(
                        models.Q(("released_by", ""), _negated=True),
                        models.Q(("released_by", models.F("held_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="party_released_by_another",
            ),
        ),
    ]
