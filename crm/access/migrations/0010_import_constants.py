from django.db import migrations, models

CONSTANTS = models.JSONField(
    db_default=models.Value({}, models.JSONField()), default=dict, help_text="Field → what every row says of it."
)


class Migration(migrations.Migration):
    dependencies = [("access", "0009_teams")]

    operations = [
        migrations.AddField("import", "constants", CONSTANTS),
        migrations.AddField("importmapping", "constants", CONSTANTS.clone()),
    ]
