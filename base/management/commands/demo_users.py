import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

# (user name, first and last name, role); nobody stands on two sides.
PEOPLE = {
    "crm": [
        ("nancy", "Nancy Davolio", "rep"),
        ("janet", "Janet Leverling", "rep"),
        ("laura", "Laura Callahan", "agent"),
        ("andrew", "Andrew Fuller", "manager"),
        ("crm_admin", "CRM Admin", "admin"),
    ],
    "erp": [
        ("margaret", "Margaret Peacock", "accountant"),
        ("helen", "Helen Bennett", "accountant"),  # what takes two people takes them here too
        ("steven", "Steven Buchanan", "warehouse"),
        ("michael", "Michael Suyama", "order_desk"),
        ("robert", "Robert King", "auditor"),
        ("erp_admin", "ERP Admin", "admin"),
    ],
    "integration": [
        ("anne", "Anne Dodsworth", "operator"),
        ("liv", "Liv Ullmann", "auditor"),
        ("hub_admin", "Hub Admin", "admin"),
    ],
}


class Command(BaseCommand):
    help = "Make the demo company's people with fresh passwords and tokens, once; they stand in users.json."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.VAR_DIR) / settings.SIDE / "users.json"
        users = get_user_model().objects
        known: list[dict[str, str]] = json.loads(path.read_text()) if path.exists() and users.exists() else []
        # Who was made once is left alone: a password somebody changed stays, whoever was removed stays away.
        names = {user["username"] for user in known} | set(users.values_list("username", flat=True))
        made = make_users([person for person in PEOPLE[settings.SIDE] if person[0] not in names])
        if made:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(known + made, file, indent=1)
        self.stdout.write(f"{len(made)} people joined.")


@transaction.atomic
def make_users(people: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    """These people with a new password and a token each."""
    tokens = apps.get_model("access", "ApiToken")
    made = []
    for username, name, role in people:
        first, _space, last = name.partition(" ")
        password = secrets.token_urlsafe(9)
        user = get_user_model()(username=username, first_name=first, last_name=last, email=f"{username}@example.com")
        user.is_staff = user.is_superuser = role == "admin"
        user.set_password(password)
        user.save()
        user.groups.set([Group.objects.get(name=role)])
        _token, secret = tokens.issue(user, "demo")
        made.append({"username": username, "password": password, "role": role, "token": secret})
    return made
