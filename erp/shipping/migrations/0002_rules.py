from typing import Any

from django.db import migrations

from base.numbering import sequence
from base.sql import append_only

CARRIERS = [
    ("Speedy Express", "https://track.speedyexpress.example/{tracking}"),
    ("United Package", "https://www.unitedpackage.example/track?number={tracking}"),
    ("Federal Shipping", "https://federalshipping.example/parcels/{tracking}"),
]


def make_carriers(apps: Any, schema_editor: Any) -> None:
    carrier = apps.get_model("shipping", "Carrier")
    carrier.objects.bulk_create(carrier(name=name, tracking_url=url) for name, url in CARRIERS)


class Migration(migrations.Migration):
    """Shipment numbers, the carriers of the start, and: what left has left."""

    dependencies = [("shipping", "0001_initial"), ("inventory", "0002_rules")]
    operations = [
        sequence("shipment_number"),
        migrations.RunPython(make_carriers, migrations.RunPython.noop),
        append_only("shipping_shipment", app_inserts=True),
        append_only("shipping_shipmentline", app_inserts=True),
    ]
