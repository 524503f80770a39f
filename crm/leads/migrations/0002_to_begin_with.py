from datetime import time

from django.db import migrations

RULES = (
    ("phone", "filled", "", 10),
    ("email", "filled", "", 10),
    ("company", "filled", "", 10),
    ("consent", "filled", "", 10),
    ("source", "is", "referral", 25),
    ("source", "is", "web", 10),
    ("interest", "filled", "", 10),
    ("visits", "least", "3", 10),
    ("seconds_on_site", "least", "600", 20),
    ("do_not_call", "filled", "", -10),
    ("do_not_email", "filled", "", -10),
)


def begin(apps, schema_editor):
    """Something sensible to start from; a company changes it as it likes."""
    apps.get_model("leads", "Policy").objects.create(id=1)
    apps.get_model("leads", "Shift").objects.bulk_create(
        apps.get_model("leads", "Shift")(weekday=day, start=time(9), end=time(18)) for day in range(5)
    )
    rule = apps.get_model("leads", "ScoreRule")
    for field, test, value, points in RULES:
        rule.objects.create(field=field, test=test, value=value, points=points)


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("activities", "0003_leads_indexed")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
