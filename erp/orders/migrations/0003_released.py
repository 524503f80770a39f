"""Who let a held order pass: somebody other than who wrote it."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_sets"),
        ("orders", "0002_rules"),
        ("parties", "0004_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalorder",
            name="released_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="released by"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="released_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="released by"
            ),
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by", ""),
                    models.Q(("released_by", models.F("created_by")), _negated=True),
                    _connector="OR",
                ),
                name="order_released_by_another",
            ),
        ),
    ]
