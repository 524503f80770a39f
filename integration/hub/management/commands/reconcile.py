from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration.hub.reconciling import SUBJECTS, reconcile


class Command(BaseCommand):
    help = "Compare what both sides hold, and open a case for every record that differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subjects", nargs="*", help=f"of {', '.join(SUBJECTS)}; all without one")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = set(options["subjects"]) - set(SUBJECTS)
        if wrong:
            raise CommandError(f"{', '.join(sorted(wrong))} cannot be compared; there are {', '.join(SUBJECTS)}")
        failed = False
        for subject in options["subjects"] or SUBJECTS:
            done = reconcile(subject)
            failed = failed or bool(done.error)
            self.stdout.write(f"{subject}: {done.error or f'{done.differing} differ'}")
        if failed:
            raise CommandError("a side gave no answer")
