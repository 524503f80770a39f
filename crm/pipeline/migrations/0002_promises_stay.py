"""Deal numbers, the pipeline we start with, and promises that stay."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import migrations

from base.numbering import sequence
from base.sql import sql_file

STAGES = [("Lead-in", "0.10"), ("Qualified", "0.30"), ("Proposal", "0.60"), ("Negotiation", "0.80")]


def make_pipeline(apps: Any, schema_editor: Any) -> None:
    pipeline = apps.get_model("pipeline", "Pipeline").objects.create(name="Sales", position=1)
    stage = apps.get_model("pipeline", "Stage")
    for position, (name, probability) in enumerate(STAGES, 1):
        stage.objects.create(pipeline=pipeline, name=name, position=position, probability=Decimal(probability))


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]

    operations = [
        sequence("deal_number"),
        migrations.RunPython(make_pipeline, migrations.RunPython.noop),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "frozen.sql"),
    ]
