"""What was refused at the door."""

from pathlib import Path

from django.db import migrations, models

from base.sql import read_only_for_app, sql_file


class Migration(migrations.Migration):
    dependencies = [("inbox", "0003_intake_and_gaps")]

    operations = [
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField(verbose_name="minute")),
                ("door", models.CharField(max_length=10, verbose_name="door")),
                ("code", models.CharField(max_length=40, verbose_name="class")),
                ("status", models.PositiveSmallIntegerField(verbose_name="answer")),
                ("signed_by", models.CharField(blank=True, max_length=40, verbose_name="signed by")),
                ("address", models.CharField(blank=True, max_length=64, verbose_name="came from")),
                ("contract", models.CharField(blank=True, max_length=100, verbose_name="contract")),
                ("event", models.UUIDField(null=True, verbose_name="event")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("times", models.PositiveIntegerField(verbose_name="times")),
                ("last_at", models.DateTimeField(verbose_name="last")),
            ],
            options={
                "verbose_name": "refusal at the door",
                "verbose_name_plural": "refusals at the door",
                "indexes": [models.Index(fields=["-last_at", "-id"], name="refusal_time")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("minute", "door", "code", "signed_by", "address", "contract"),
                        name="one_refusal_a_minute",
                    )
                ],
            },
        ),
        read_only_for_app("inbox_refusal"),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "turn_away.sql"),
    ]
