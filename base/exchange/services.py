"""The verbs of imports: upload, map, try, start, undo."""

import os
import shutil
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from base import jobs
from base.exchange import mapping as mappings
from base.exchange.models import UNDO_DAYS, ImportState, table
from base.exchange.resources import ImportResource, resource_for
from base.refusals import MoveRefused, Refused
from base.spreadsheets.reading import MAX_BYTES
from base.spreadsheets.refusals import FileTooLarge

SAMPLE_ROWS = 3


class UndoTooLate(Refused):
    """What was built on the rows meanwhile cannot be known any more."""

    message = _("An import can be undone for {days} days; this one is older.")


def upload(key: str, parts: Iterable[bytes], name: str, *, by: Any, encoding: str = "") -> Any:
    """Take the file in and understand it; the mapping is what was chosen last time for such headers, else guessed."""
    resource = resource_for(key, by)
    imp = _model()(resource=key, owner=by, file_name=os.path.basename(name)[:200] or "file", encoding=encoding)
    imp.folder.mkdir(parents=True, mode=0o700)
    try:
        _keep(imp, parts)
        with transaction.atomic():
            _understand(imp, resource)
            imp.save(force_insert=True)
    except BaseException:
        shutil.rmtree(imp.folder, ignore_errors=True)
        raise
    return imp


@transaction.atomic
def map_columns(
    imp: Any,
    mapping: dict[str, str],
    match_on: list[str] | None = None,
    *,
    keep_lookalikes: bool = False,
    constants: dict[str, str] | None = None,
    replacements: dict[str, dict[str, str]] | None = None,
) -> Any:
    """Which column is which field, what rows say that leave it empty, as what words are read, by what rows are known.

    It is remembered for the next such file. Constants and replacements that are not named stay as they were.
    """
    imp = _locked(imp)
    resource = resource_for(imp.resource, imp.owner)
    mapping = {header: name for header, name in mapping.items() if name}
    fixed = imp.constants if constants is None else mappings.told_constants(resource, constants)
    words = imp.replacements if replacements is None else mappings.told_replacements(resource, replacements)
    match = match_on or mappings.default_match(resource, [*mapping.values(), *fixed])
    mappings.check(resource, imp.headers, mapping, match, fixed)
    _move(imp, imp.map, _("mapped"))
    imp.mapping, imp.match_on, imp.keep_lookalikes = mapping, match, keep_lookalikes
    imp.constants, imp.replacements = fixed, words
    imp.save()
    mappings.remember(resource, imp.headers, mapping, match, fixed, words)
    return imp


@transaction.atomic
def read_as(imp: Any, replacements: dict[str, dict[str, str]]) -> Any:
    """Read these words of the file as others from now on, beside those that were said before."""
    words = {name: {**imp.replacements.get(name, {}), **told} for name, told in replacements.items()}
    return map_columns(
        imp,
        imp.mapping,
        imp.match_on,
        keep_lookalikes=imp.keep_lookalikes,
        replacements={**imp.replacements, **words},
    )


@transaction.atomic
def remap(imp: Any) -> Any:
    """Back to the mapping; what was tried says nothing any more."""
    imp = _locked(imp)
    _refuse_busy(imp)
    _move(imp, imp.map, _("mapped"))
    imp.save()
    return imp


@transaction.atomic
def reread(imp: Any, encoding: str) -> Any:
    """The file in another encoding."""
    imp = _locked(imp)
    _move(imp, imp.map, _("read again"))
    imp.encoding = encoding
    _understand(imp, resource_for(imp.resource, imp.owner))
    imp.save()
    return imp


@transaction.atomic
def check(imp: Any, *, send: bool = True) -> Any:
    """Try it out as a job; nothing is changed."""
    imp = _locked(imp)
    resource = resource_for(imp.resource, imp.owner)
    mappings.check(resource, imp.headers, imp.mapping, imp.match_on, imp.constants)
    _refuse_busy(imp)
    _move(imp, imp.begin_check, _("tried"))
    return _start(imp, "import-check", _("Trying {file}").format(file=imp.file_name), send)


@transaction.atomic
def begin(imp: Any, *, send: bool = True) -> Any:
    """Run it as a job; one that was stopped goes on where it was."""
    imp = _locked(imp)
    _refuse_busy(imp)
    _move(imp, imp.begin, _("started"))
    return _start(imp, "import", _("Import of {file}").format(file=imp.file_name), send)


def asks_for_proof(imp: Any) -> bool:
    """Does it set what a page asks a fresh proof for?"""
    return not {*imp.mapping.values(), *imp.constants}.isdisjoint(resource_for(imp.resource, imp.owner).guarded)


@transaction.atomic
def undo(imp: Any, *, send: bool = True) -> Any:
    """Take it back as a job, within thirty days."""
    imp = _locked(imp)
    _refuse_busy(imp)
    if imp.state == ImportState.DONE and timezone.now() > imp.undo_until:
        raise UndoTooLate(days=UNDO_DAYS)
    if imp.state == ImportState.RUNNING and not imp.position:
        raise _wrong_state(imp, _("undone"))
    _move(imp, imp.begin_undo, _("undone"))
    return _start(imp, "import-undo", _("Undoing the import of {file}").format(file=imp.file_name), send)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _keep(imp: Any, parts: Iterable[bytes]) -> None:
    size = 0
    with open(os.open(imp.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            size += len(part)
            if size > MAX_BYTES:
                raise FileTooLarge(size=size // 2**20, limit=MAX_BYTES // 2**20)
            file.write(part)


def _understand(imp: Any, resource: ImportResource) -> None:
    sheet = resource.open(imp.path, imp.encoding)
    imp.described, imp.encoding = sheet.described, sheet.encoding
    imp.headers, imp.count = sheet.headers, sheet.count
    imp.sample = []
    for row in sheet.rows():
        imp.sample.append([str(cell).replace("\x00", "\ufffd")[:80] for cell in row.cells[: len(sheet.headers)]])
        if len(imp.sample) == SAMPLE_ROWS:
            break
    known = mappings.remembered(resource, sheet.headers)
    told = {header: known.mapping[header] for header in sheet.headers if header in known.mapping} if known else {}
    told = {header: name for header, name in told.items() if name in resource.columns}
    imp.mapping = told or mappings.guess(resource, sheet.headers)
    for part in ("constants", "replacements"):
        kept = getattr(known, part) if told else {}
        names = resource.columns.keys() - resource.asked_anew
        setattr(imp, part, {name: one for name, one in kept.items() if name in names})
    imp.match_on = (known.match_on if told and known else None) or mappings.default_match(
        resource, [*imp.mapping.values(), *resource.said_once]
    )


def _start(imp: Any, kind: str, title: str, send: bool) -> Any:
    imp.job = jobs.start(
        kind, by=imp.owner, title=title, url=imp.get_absolute_url(), total=imp.count, send=send, imp=str(imp.pk)
    )
    imp.save()
    return imp


def _refuse_busy(imp: Any) -> None:
    if imp.job is not None and not imp.job.is_over:
        raise _wrong_state(imp, _("changed"))


def _move(imp: Any, transition: Any, verb: Any) -> None:
    try:
        transition()
    except TransitionNotAllowed:
        raise _wrong_state(imp, verb) from None


def _wrong_state(imp: Any, verb: Any) -> MoveRefused:
    return MoveRefused(what=imp.file_name, state=imp.get_state_display(), verb=verb)


def _locked(imp: Any) -> Any:
    return _model().objects.select_for_update(of=("self",)).select_related("owner", "job").get(pk=imp.pk)


def _model() -> Any:
    return table("Import")
