from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower

BATCH = 2000


def fill(apps, schema_editor):
    """Contacts that are here already get their marks, batch by batch; done again, it goes on where it was."""
    from crm.accounts.likeness import name_match, phone_match

    model = apps.get_model("accounts", "Contact")
    last = None
    while True:
        rows = model.objects.filter(name_match="").order_by("pk")
        batch = list((rows.filter(pk__gt=last) if last else rows).only("pk", "name", "phone")[:BATCH])
        if not batch:
            return
        for contact in batch:
            contact.name_match, contact.phone_match = name_match(contact.name), phone_match(contact.phone)
        model.objects.bulk_update(batch, ["name_match", "phone_match"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0003_contact_likeness")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            "contact",
            models.Index(condition=~models.Q(name_match=""), fields=["name_match"], name="contact_like_name"),
        ),
        AddIndexConcurrently(
            "contact",
            models.Index(condition=~models.Q(phone_match=""), fields=["phone_match"], name="contact_like_phone"),
        ),
        AddIndexConcurrently(
            "contact", models.Index(Lower("email"), condition=~models.Q(email=""), name="contact_by_email")
        ),
    ]
