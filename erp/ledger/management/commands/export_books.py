import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from erp.ledger.plaintext import DIALECTS, books
from erp.ledger.services import company


class Command(BaseCommand):
    help = "Write the books as plain text for beancount or hledger, with a balance assertion for every account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=sorted(DIALECTS))
        parser.add_argument("--until", type=date.fromisoformat, help="the last day; all there is when left out")
        parser.add_argument("--out", type=Path, help="a file; the terminal when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = books(company(), DIALECTS[options["format"]](), options["until"])
        if options["out"] is None:
            sys.stdout.writelines(lines)
            return
        with options["out"].open("w", encoding="utf-8") as file:
            file.writelines(lines)
