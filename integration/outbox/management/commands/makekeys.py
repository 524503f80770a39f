from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integration.keys import make_keys


class Command(BaseCommand):
    help = "Make this side's signing keys where they are missing, and pin their public halves."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_keys(settings.SIDE, Path(settings.KEYS_DIR), Path(settings.JWKS_FILE))
        self.stdout.write(f"{settings.SIDE}: made {', '.join(made)}" if made else f"{settings.SIDE}: keys are there")
