import django.contrib.postgres.operations
from django.db import migrations, models

SAFE = {
    "AddConstraint voucher.voucher_reversed_later": "not valid yet; the next migration looks at the rows without a lock"
}
_HELP = "For accruals: from this day on the entry is undone."


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0012_common_ground"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="reverse_on",
                field=models.DateField(blank=True, help_text=_HELP, null=True, verbose_name="reverse on"),
            )
            for name in ("historicalvoucher", "voucher")
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("reverse_on", None), ("reverse_on__gt", models.F("date")), _connector="OR"),
                name="voucher_reversed_later",
            ),
        ),
    ]
