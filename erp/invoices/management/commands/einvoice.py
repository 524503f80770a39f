import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from base import context
from base.refusals import Refused
from erp.einvoice import services as einvoice
from erp.einvoice.models import Syntax
from erp.invoices import electronic
from erp.invoices.models import Invoice


class Command(BaseCommand):
    help = "Electronic invoices (EN 16931): check files, take files in, write an invoice of ours as UBL, CII or PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        for name, about in (("check", "say which rules files break; nothing is kept"), ("receive", "take files in")):
            deed = deeds.add_parser(name, help=about)
            deed.add_argument("files", nargs="+", type=Path)
        write = deeds.add_parser("write", help="write an invoice of ours")
        write.add_argument("number")
        write.add_argument("--form", choices=["pdf", *Syntax.values], default="pdf")
        write.add_argument("--language", choices=["en", "zh-hans"], default="en", help="of the PDF")
        write.add_argument("--out", type=Path, help="a file; the terminal when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with context.acting("command"):
                getattr(self, f"do_{options['deed']}")(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def do_check(self, options: dict[str, Any]) -> None:
        """Each file with what it breaks; ends with an error when one of them is not valid."""
        broken = 0
        for file in options["files"]:
            seen = einvoice.preview(_bytes(file))
            broken += not seen.valid
            self.stdout.write(
                f"{file.name}: {seen.syntax} {seen.invoice.number}: {'valid' if seen.valid else 'broken'}"
            )
            for finding in seen.findings:
                self.stdout.write(f"  {finding.rule}: {finding.told}")
        if broken:
            raise CommandError(f"{broken} of {len(options['files'])} break rules")

    def do_receive(self, options: dict[str, Any]) -> None:
        """Each file once; what is known already is said and passed over."""
        for file in options["files"]:
            try:
                received = einvoice.receive(_bytes(file), file.name)
            except einvoice.ReceivedAlready as known:
                self.stdout.write(f"{file.name}: {known}")
                continue
            state = "valid" if received.valid else "breaks rules"
            self.stdout.write(f"{file.name}: {received} {received.payable} {received.currency}, {state}")

    def do_write(self, options: dict[str, Any]) -> None:
        """The invoice, as the buttons on its page give it."""
        invoice = Invoice.objects.filter(number=options["number"]).first()
        if invoice is None:
            raise CommandError(f"no invoice {options['number']}")
        if options["form"] == "pdf":
            made = electronic.printed(invoice, options["language"])
        else:
            made = electronic.written(invoice, options["form"])
        if options["out"] is None:
            sys.stdout.buffer.write(made)
        else:
            options["out"].write_bytes(made)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
