"""Money that a customer paid too much, and money that goes to suppliers."""

from decimal import Decimal
from pathlib import Path

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from base import numbering, sql

SQL = Path(__file__).resolve().parent.parent / "sql"
SAFE = {"AlterField receipt.kind": "other choices only; the column stays"}


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0002_rules"),
        ("ledger", "0010_sets"),
        ("parties", "0003_einvoice"),
    ]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="excess",
            field=models.DecimalField(
                db_default=Decimal("0"),
                decimal_places=2,
                default=Decimal("0"),
                help_text="What of a payment settled nothing when it came; it is the customer's credit.",
                max_digits=19,
                verbose_name="more than was asked",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="refunds",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunded_by",
                to="banking.receipt",
                verbose_name="pays back",
            ),
        ),
        migrations.AlterField(
            model_name="receipt",
            name="kind",
            field=models.CharField(
                choices=[
                    ("payment", "Payment"),
                    ("deposit", "Deposit"),
                    ("refund", "Refund"),
                    ("paid", "Payment to a supplier"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("excess", 0),
                    models.Q(("excess__gt", 0), ("excess__lte", models.F("amount")), ("kind", "payment")),
                    _connector="OR",
                ),
                name="receipt_excess_of_payment",
            ),
        ),
        AddConstraintNotValid(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunds", None), ("kind", "refund"), _connector="OR"),
                name="receipt_refunds_by_refund",
            ),
        ),
        numbering.sequence("banking_paid_number"),
        sql.sql_file(SQL / "receipts.sql"),
    ]
