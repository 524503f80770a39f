"""What was added is true of the rows that stand."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_released")]

    operations = [ValidateConstraint("order", "order_released_by_another")]
