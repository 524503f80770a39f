"""When the values of a closed case were erased on demand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hub", "0007_mapping_by_hand")]

    operations = [
        migrations.AddField(
            "case", "erased_at", models.DateTimeField(blank=True, null=True, verbose_name="values erased")
        ),
    ]
