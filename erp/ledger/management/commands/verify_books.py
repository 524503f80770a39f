import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.ledger import sealing
from erp.ledger.services import company


class Command(BaseCommand):
    help = (
        "Compute every seal of the books anew and compare; ends with 1 when one does not hold. "
        "--heads FILE: also compare with what the hub keeps (./manage.py integration books_heads > FILE)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", type=Path, help="what the hub keeps, as books_heads prints it")

    def handle(self, *args: Any, **options: Any) -> None:
        books = company()
        heads = _read(options["heads"], books.code) if options["heads"] else None
        found = sealing.verify(books, heads)
        for broken in found.broken:
            self.stdout.write(f"BROKEN {broken.seal}: {broken.why}")
        compared = f", {len(heads)} heads of the hub compared" if heads is not None else ""
        self.stdout.write(
            f"{found.seals} seals over {found.entries} entries, {found.unsealed} not sealed yet, "
            f"{len(found.broken)} broken{compared}; head {found.head or '-'}"
        )
        if found.broken:
            raise SystemExit(1)


def _read(path: Path, code: str) -> dict[int, str]:
    """Place in the chain → head, of these books."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {int(row["position"]): str(row["head"]) for row in rows if row["company"] == code}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise CommandError(f"{path} is not what books_heads prints: {fault}") from fault
