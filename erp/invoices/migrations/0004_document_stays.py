"""A document as issued stays as issued."""

from django.db import migrations

from base import sql


class Migration(migrations.Migration):
    dependencies = [("invoices", "0003_document")]

    operations = [sql.append_only("invoices_invoicedocument", app_inserts=True)]
