from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from base import context
from erp.fapiao import carrying


class Command(BaseCommand):
    help = "Fapiaos: send requests to the provider, collect its answers."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("send", help="hand over what the provider has not heard of")
        deeds.add_parser("collect", help="take its answers in; ends with 1 when some were put aside")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with context.acting("command"):
                getattr(self, f"do_{options['deed']}")()
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def do_send(self) -> None:
        """What is asked for, once."""
        self.stdout.write(f"{carrying.send()} sent")

    def do_collect(self) -> None:
        """What was answered, and what of it nobody here can do anything with."""
        done = carrying.collect()
        self.stdout.write(str(done))
        for name, why in done.aside:
            self.stdout.write(f"  {name}: {why}")
        if done.aside:
            raise CommandError(f"{len(done.aside)} answers were put aside")
