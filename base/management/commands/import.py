"""`./manage.py <side> import <resource> FILE`: the same import as on the page, in the terminal."""

from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from base import jobs
from base.exchange import services
from base.exchange.resources import all_resources
from base.exchange.work import said
from base.refusals import Refused


class Command(BaseCommand):
    """Import a file."""

    help = "Import a file (CSV, XLSX or a journal) as the records of one resource."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("resource", choices=[resource.key for resource in all_resources()])
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--as", dest="user", required=True, metavar="USER", help="whose rights and name it has")
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="repeat it for more")
        parser.add_argument(
            "--set", action="append", default=[], metavar="FIELD=TEXT", help="for rows that leave it empty"
        )
        parser.add_argument(
            "--read", action="append", default=[], metavar="FIELD:WORD=MEANT", help="read a word of the file as another"
        )
        parser.add_argument("--match", metavar="FIELD,…", help="fields by which rows are recognised")
        parser.add_argument("--keep-lookalikes", action="store_true", help="import rows that look like records here")
        parser.add_argument("--encoding", default="", help="of a CSV file, where it is not found out rightly")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody here is called {options['user']!r}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        try:
            self._import(user, options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _import(self, user: Any, options: dict[str, Any]) -> None:
        path = options["file"]
        with path.open("rb") as file:
            imp = services.upload(
                options["resource"],
                iter(lambda: file.read(1 << 20), b""),
                path.name,
                by=user,
                encoding=options["encoding"],
            )
        self.stdout.write(f"{imp.file_name}: {imp.described}, {imp.count} rows")
        imp = self._mapped(imp, options)
        imp = self._worked(services.check(imp, send=False))
        self.stdout.write(f"Dry run: {said(imp.counts)}")
        self._tell_problems(imp)
        if options["dry_run"]:
            self._tell_checked(imp)
            return
        imp = self._worked(services.begin(imp, send=False))
        self._tell_checked(imp)
        self.stdout.write(self.style.SUCCESS(f"Imported: {said(imp.counts)}  (import {imp.pk})"))

    def _mapped(self, imp: Any, options: dict[str, Any]) -> Any:
        mapping = dict(imp.mapping)
        for pair in options["map"]:
            header, equals, name = pair.rpartition("=")
            if not equals:
                raise CommandError(f"--map wants COLUMN=FIELD, not {pair!r}.")
            mapping = {other: known for other, known in mapping.items() if known != name} | {header: name}
        constants = dict(imp.constants)
        for pair in options["set"]:
            name, equals, text = pair.partition("=")
            if not equals:
                raise CommandError(f"--set wants FIELD=TEXT, not {pair!r}.")
            constants[name.strip()] = text
        words = {name: dict(told) for name, told in imp.replacements.items()}
        for told in options["read"]:
            name, colon, pair = told.partition(":")
            word, equals, meant = pair.rpartition("=")
            if not colon or not equals:
                raise CommandError(f"--read wants FIELD:WORD=MEANT, not {told!r}.")
            words.setdefault(name.strip(), {})[word] = meant
        match = [name.strip() for name in options["match"].split(",")] if options["match"] else None
        imp = services.map_columns(
            imp,
            mapping,
            match,
            keep_lookalikes=options["keep_lookalikes"],
            constants=constants,
            replacements=words,
        )
        for header in imp.headers:
            self.stdout.write(f"  {header} → {imp.mapping.get(header, '–')}")
        for name, text in imp.constants.items():
            self.stdout.write(f"  “{text}” in all rows → {name}")
        return imp

    def _worked(self, imp: Any) -> Any:
        jobs.run(imp.job_id)
        imp = type(imp).objects.select_related("job", "owner").get(pk=imp.pk)
        if imp.job.state != jobs.JobState.DONE:
            raise CommandError(imp.job.message or f"The job is {imp.job.state}.")
        return imp

    def _tell_checked(self, imp: Any) -> None:
        """What the file says must hold, and what of it was left out."""
        if not (checked := imp.report.get("checked")):
            return
        if checked["held"] or checked["failed"]:
            self.stdout.write(f"Balance assertions: {checked['held']} hold, {len(checked['failed'])} do not")
        for one in checked.get("ties", []):
            told = f"  {one['what']}: balance {one['told']}, came {one['came']}, difference {one['difference']}"
            self.stdout.write(told if not Decimal(one["difference"]) else self.style.WARNING(told))
        for one in checked["failed"]:
            self.stdout.write(self.style.WARNING(f"  line {one['row']}: {one['text']}"))
        for one in checked["left_out"]:
            self.stdout.write(f"  not taken over: {one['what']}, {one['count']} times")

    def _tell_problems(self, imp: Any) -> None:
        problems = imp.report.get("problems", [])
        for problem in problems[:20]:
            self.stdout.write(f"  row {problem['row']}: {'; '.join(problem['reasons'])}")
        if len(problems) > 20:
            self.stdout.write(f"  … all of them in {imp.bad_rows_path}")
        for one in imp.report.get("unknown", []):
            near = f" Perhaps “{one['near']}”?" if one["near"] else ""
            self.stdout.write(f"  {one['field']}: “{one['word']}” is not known here, {one['count']} rows.{near}")
        for one in imp.report.get("read_as", []):
            self.stdout.write(f"  {one['field']}: “{one['word']}” read as “{one['meant']}”, {one['count']} rows")
        for one in imp.report.get("notes", []):
            self.stdout.write(f"  {one['field']}: {one['text']} {one['count']} rows")
