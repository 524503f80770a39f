from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0006_sign_ins")]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("bucket", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("window_start", models.BigIntegerField()),
                ("hits", models.IntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL("ALTER TABLE access_ratecount SET UNLOGGED", "ALTER TABLE access_ratecount SET LOGGED"),
    ]
