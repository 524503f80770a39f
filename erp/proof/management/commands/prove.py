import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from erp.proof import services
from erp.proof.invariants import all_invariants


class Command(BaseCommand):
    help = "Ask every invariant's query; ends with 1 when one of them returns a row. --json: one JSON line each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON line for each invariant")

    def handle(self, *args: Any, **options: Any) -> None:
        run = services.prove()
        rules = {invariant.code: str(invariant.rule) for invariant in all_invariants()}
        for finding in run.findings.all():
            if options["as_json"]:
                told = {"code": finding.code, "rows": finding.rows, "ms": finding.duration_ms, "sample": finding.sample}
                self.stdout.write(json.dumps({**told, "error": finding.error}, ensure_ascii=False))
                continue
            mark = "holds " if finding.holds else "BROKEN"
            self.stdout.write(f"{mark} {finding.duration_ms:9.1f} ms  {finding.code:<16} {rules[finding.code]}")
            for what, detail in finding.sample:
                self.stdout.write(f"{'':27}{what}: {detail}")
            if finding.error:
                self.stdout.write(f"{'':27}{finding.error}")
        self.stdout.write(str(services.said(run)))
        if not run.holds:
            raise SystemExit(1)
