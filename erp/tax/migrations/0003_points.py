"""A deposit rule tells when the rest is taxed too, and is called what it is."""

from django.db import migrations

SAFE = {
    "RenameModel depositrule.DepositRule": "read by the process that computes tax only, which restarts with it",
    "RenameModel historicaldepositrule.HistoricalDepositRule": "a history, written by whoever writes its record",
}


class Migration(migrations.Migration):
    dependencies = [("tax", "0002_law")]

    operations = [
        migrations.RenameModel("DepositRule", "TaxPointRule"),
        migrations.RenameModel("HistoricalDepositRule", "HistoricalTaxPointRule"),
    ]
