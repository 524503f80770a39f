"""A party may point at payment terms; without them the days count as before."""

import django.db.models.deletion
from django.db import migrations, models

SAFE = {
    "AddField historicalparty.payment_terms": "nothing is in the new column, and a history is a few rows for each party"
}
HELP = "The end of a month, or several instalments; empty: so many days."


class Migration(migrations.Migration):
    dependencies = [("parties", "0009_limits_hold"), ("terms", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="historicalparty",
            name="payment_terms",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text=HELP,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="terms.paymentterms",
                verbose_name="payment terms",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="payment_terms",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text=HELP,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parties",
                to="terms.paymentterms",
                verbose_name="payment terms",
            ),
        ),
    ]
