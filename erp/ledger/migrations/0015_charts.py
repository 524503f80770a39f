from django.db import migrations, models

_FIELD = {
    "db_default": "general",
    "default": "general",
    "editable": False,
    "help_text": "the chart it was set up with",
    "max_length": 40,
    "verbose_name": "chart",
}


class Migration(migrations.Migration):
    """A company says with which chart it was set up; those that are here have the general one."""

    dependencies = [("ledger", "0014_accruals_checked")]

    operations = [
        migrations.AddField(name, "chart", models.CharField(**_FIELD)) for name in ("company", "historicalcompany")
    ]
