"""The CRM telling: `python -m bench._teller`, a process of that side, told by JSON lines what to tell.

{"open": 100}                    so many customers, so that the ERP knows them
{"burst": 3000}                  so many changes, a hundred a transaction, as fast as it goes
{"steady": 400, "rate": 20}      so many changes, each its own transaction, evenly in time
"""

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Do what standard input says; answer each line when it is committed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    import django

    django.setup()
    from django.db import transaction

    from base.ids import uuid7
    from integration.contracts.customers import CustomerRegistered, CustomerSnapshot, CustomerUpdated
    from integration.outbox.emitting import emit

    customers: list[Any] = []
    turn = 0

    def change() -> None:
        nonlocal turn
        turn += 1
        customer = customers[turn % len(customers)]
        emit(CustomerUpdated(customer=customer, snapshot=CustomerSnapshot(customer=customer, name=f"name {turn}")))

    print("{}", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        for number in range(told.get("open", 0)):
            customers.append(uuid7())
            snapshot = CustomerSnapshot(customer=customers[-1], name=f"first {number}")
            with transaction.atomic():
                emit(CustomerRegistered(customer=customers[-1], snapshot=snapshot))
        for start in range(0, told.get("burst", 0), 100):
            with transaction.atomic():
                for _number in range(start, min(start + 100, told["burst"])):
                    change()
        began = time.monotonic()
        for number in range(told.get("steady", 0)):
            time.sleep(max(0.0, began + number / told["rate"] - time.monotonic()))
            with transaction.atomic():
                change()
        print("{}", flush=True)


if __name__ == "__main__":
    main()
