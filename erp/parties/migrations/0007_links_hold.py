"""What was added is true of the rows that stand."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0006_links")]

    operations = [ValidateConstraint("party", "party_merged_into_another")]
