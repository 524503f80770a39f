from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0003_one_story"),
    ]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
    ]
