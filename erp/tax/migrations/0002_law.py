"""Carry the rates and tax points of the law into the tables; what is there already stays."""

from decimal import Decimal

from django.db import migrations

from erp.tax.law import CLASSES, DEPOSIT_RULES, RATES


def carry(apps, schema_editor):
    TaxClass = apps.get_model("tax", "TaxClass")
    TaxRate = apps.get_model("tax", "TaxRate")
    DepositRule = apps.get_model("tax", "DepositRule")
    for code, name, name_zh in CLASSES:
        TaxClass.objects.get_or_create(code=code, defaults={"name": name, "name_zh": name_zh})
    classes = {one.code: one for one in TaxClass.objects.all()}
    for code, jurisdiction, valid_from, rate, source in RATES:
        TaxRate.objects.get_or_create(
            tax_class=classes[code],
            jurisdiction=jurisdiction,
            valid_from=valid_from,
            defaults={"rate": Decimal(rate), "source": source},
        )
    for jurisdiction, supply_kind, taxed_on, valid_from, source in DEPOSIT_RULES:
        DepositRule.objects.get_or_create(
            jurisdiction=jurisdiction,
            supply_kind=supply_kind,
            valid_from=valid_from,
            defaults={"taxed_on": taxed_on, "source": source},
        )


class Migration(migrations.Migration):
    dependencies = [("tax", "0001_initial")]

    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
