from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration.hub.chain import verify
from integration.hub.models import Seal


class Command(BaseCommand):
    help = "Walk the chain of seals and say where the archive is not as it was sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=int, default=1, help="start at this seal")

    def handle(self, *args: Any, **options: Any) -> None:
        flaws = 0
        for flaw in verify(options["since"]):
            flaws += 1
            if flaws <= 50:
                self.stderr.write(flaw.text)
        last = Seal.objects.order_by("-number").first()
        if flaws:
            raise CommandError(f"{flaws} flaws: the archive was changed")
        if last is None:
            self.stdout.write("nothing is sealed yet")
        else:
            self.stdout.write(f"{last.number} seals hold; the head is {last.head}")
