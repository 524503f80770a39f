"""Lines that name a cost centre or project are found without reading the others; documents' accounts ask for none."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

SAFE = {"AddConstraint account.account_asks_of_people_only": "not valid yet; looked at in a step of its own"}


def _index(kind: str) -> AddIndexConcurrently:
    index = models.Index(
        condition=models.Q((f"{kind}__isnull", False)),
        fields=[kind, "date"],
        include=("account", "debit", "credit"),
        name=f"line_by_{kind}",
    )
    return AddIndexConcurrently(model_name="journalline", index=index)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0020_dimensions")]

    operations = [
        _index("cost_centre"),
        _index("project"),
        AddConstraintNotValid(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cost_centre_from", None), ("project_from", None)),
                    models.Q(("control", False), ("role", None)),
                    _connector="OR",
                ),
                name="account_asks_of_people_only",
            ),
        ),
        ValidateConstraint("account", "account_asks_of_people_only"),
    ]
