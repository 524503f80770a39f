from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0013_accruals"),
    ]

    operations = [ValidateConstraint(model_name="voucher", name="voucher_reversed_later")]
