from django.db import migrations

from base.numbering import sequence


class Migration(migrations.Migration):
    """Codes of customers (C00001) and suppliers (S00001)."""

    dependencies = [("parties", "0001_initial")]
    operations = [sequence("party_customer_code"), sequence("party_supplier_code")]
