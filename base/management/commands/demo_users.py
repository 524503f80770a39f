import json
import os
import secrets
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
    help = "Make the demo company's users with fresh passwords and tokens, once; print them as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.VAR_DIR) / settings.SIDE / "users.json"
        known = get_user_model().objects.filter(username__in=[person[0] for person in PEOPLE[settings.SIDE]]).count()
        if not path.exists() or known < len(PEOPLE[settings.SIDE]):
            users = make_users()
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(users, file, indent=1)
        self.stdout.write(path.read_text())


@transaction.atomic
def make_users() -> list[dict[str, str]]:
    """The demo people with new passwords and a token each."""
    tokens = apps.get_model("access", "ApiToken")
    made = []
    for username, name, role in PEOPLE[settings.SIDE]:
        first, _space, last = name.partition(" ")
        password = secrets.token_urlsafe(9)
        user, _created = get_user_model().objects.get_or_create(username=username)
        user.first_name, user.last_name = first, last
        user.email = f"{username}@example.com"
        user.is_staff = user.is_superuser = role == "admin"
        user.set_password(password)
        user.save()
        user.groups.set([Group.objects.get(name=role)])
        tokens.objects.filter(user=user, name="demo").delete()
        _token, secret = tokens.issue(user, "demo")
        made.append({"username": username, "password": password, "role": role, "token": secret})
    return made
