"""What was added is true of the rows that stand."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0008_limits")]

    operations = [
        ValidateConstraint("party", "party_limit_asked_waits"),
        ValidateConstraint("party", "party_limit_approved_by_another"),
    ]
