from django.db import migrations, models


class Migration(migrations.Migration):
    """What stays the same when people write a person's name and phone differently."""

    dependencies = [("accounts", "0002_likeness")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="name_match",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=250),
        ),
        migrations.AddField(
            model_name="contact",
            name="phone_match",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=9),
        ),
    ]
