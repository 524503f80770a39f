"""Payments with a rest are found without reading all others; what was added is true of the rows that stand."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("banking", "0003_rests")]

    operations = [
        AddIndexConcurrently(
            model_name="receipt",
            index=models.Index(condition=models.Q(("excess__gt", 0)), fields=["party"], name="receipt_with_excess"),
        ),
        ValidateConstraint("receipt", "receipt_excess_of_payment"),
        ValidateConstraint("receipt", "receipt_refunds_by_refund"),
    ]
