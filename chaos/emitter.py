"""People at work in the CRM: `python -m chaos.emitter`, told by JSON lines what to do, runs as a process of that side.

    {"do": "open", "tag": "a", "count": 5}     five customers, known to the ERP
    {"do": "change", "tag": "a", "count": 40}  forty changes, each customer in turn; each its own transaction, or so
                                               many `together`
    {"do": "name", "tag": "a", "name": "…"}    one customer of that name

Each answer says how many were acknowledged by the database.
"""

import json
import os
import sys
import time
from typing import Any

from deploy import environment


def main() -> None:
    """Do what standard input says, until it ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
    os.environ.update(environment.read(environment.var_dir(), "crm"))
    os.environ.pop("CRM_OWNER_DATABASE_URL", None)
    import django

    django.setup()
    known: dict[str, list[Any]] = {}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        accounts = known.setdefault(told["tag"], [])
        done = failed = 0
        count, together = told.get("count", 1), told.get("together", 1)
        for start in range(0, count, together):
            numbers = range(start, min(start + together, count))
            if told["do"] == "change":
                ok = _change(accounts, numbers, told)
            else:
                ok = _open(accounts, told.get("name") or f"{told['tag']} {len(accounts)}")
            done, failed = done + ok * len(numbers), failed + (not ok) * len(numbers)
            time.sleep(told.get("pause", 0.0))
        print(json.dumps({"done": done, "failed": failed}), flush=True)


def _open(accounts: list[Any], name: str) -> bool:
    from base.ids import uuid7
    from crm.accounts import services

    key = uuid7()

    def work() -> None:
        services.register(services.create_account(name=name, id=key))

    if _try(work):
        accounts.append([key, name, 0])
        return True
    return False


def _change(accounts: list[Any], numbers: range, told: dict[str, Any]) -> bool:
    from crm.accounts import services
    from crm.accounts.models import Account

    changes = []
    for number in numbers:
        entry = accounts[number % len(accounts)]
        entry[2] += 1
        # The spare is something that does not fit a page many times over.
        changes.append((entry[0], f"{entry[1]} v{entry[2]}" + (" " + "x" * 150 if told.get("spare") else "")))

    def work() -> None:
        for key, name in changes:
            services.update_account(Account.objects.get(pk=key), name=name)

    return _try(work, tries=told.get("tries", 600))


def _try(work: Any, tries: int = 600) -> bool:
    """Like a patient person: again, until the database has said yes."""
    from django.db import DatabaseError, InterfaceError, connection, transaction

    for _again in range(tries):
        try:
            with transaction.atomic():
                work()
            return True
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    main()
