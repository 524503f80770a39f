import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

SAFE = {
    "AlterField entry.account": "only drops NOT NULL, which scans nothing",
    "AddConstraint entry.entry_about_somebody": "not valid yet; the next migration looks at the rows without a lock",
}


class Migration(migrations.Migration):
    """What is said with a lead stands on the timeline before there is an account."""

    dependencies = [("accounts", "0002_likeness"), ("activities", "0001_initial")]

    operations = [
        migrations.AddField("entry", "lead", models.UUIDField(blank=True, null=True, verbose_name="lead")),
        migrations.AddField("historicalentry", "lead", models.UUIDField(blank=True, null=True, verbose_name="lead")),
        migrations.AlterField(
            "entry",
            "account",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.account",
                verbose_name="account",
            ),
        ),
        AddConstraintNotValid(
            "entry",
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) | models.Q(lead__isnull=False), name="entry_about_somebody"
            ),
        ),
    ]
