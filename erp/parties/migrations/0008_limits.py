"""A larger credit limit is asked by one person and approved by another."""

from decimal import Decimal

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0019_houses_currency"),
        ("parties", "0007_links_hold"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalparty",
            name="limit_approved_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="limit approved by"
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="limit_asked",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                default=None,
                editable=False,
                max_digits=19,
                null=True,
                verbose_name="limit asked for",
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="limit_asked_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="limit asked by"
            ),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="limit_waits",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="another limit is asked"
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="limit_approved_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="limit approved by"
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="limit_asked",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                default=None,
                editable=False,
                max_digits=19,
                null=True,
                verbose_name="limit asked for",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="limit_asked_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=150, verbose_name="limit asked by"
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="limit_waits",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="another limit is asked"
            ),
        ),
        AddConstraintNotValid(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("limit_asked", None),
                    models.Q(("limit_asked__gte", Decimal("0")), ("limit_waits", True)),
                    _connector="OR",
                ),
                name="party_limit_asked_waits",
            ),
        ),
        AddConstraintNotValid(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("limit_approved_by", ""),
                    models.Q(("limit_approved_by", models.F("limit_asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="party_limit_approved_by_another",
            ),
        ),
    ]
