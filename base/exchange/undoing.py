"""Taking an import back, row by row from the last: what nobody touched since goes, field by field where they did."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, models, transaction
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _

from base import context
from base.exchange.models import Outcome
from base.exchange.resources import ImportResource, Item, resource_for
from base.exchange.running import WRITTEN, stamp_of
from base.refusals import Refused

CHUNK = 200


def undo(imp: Any, job: Any) -> None:
    """Undo what is not undone yet; a second run goes on where the first ended."""
    resource = resource_for(imp.resource, imp.owner)
    total = imp.rows.filter(outcome__in=WRITTEN).count()
    while True:
        with transaction.atomic(), context.because(str(format_lazy("undo import {file}", file=imp.file_name))):
            rows = list(
                imp.rows.select_for_update().filter(outcome__in=WRITTEN, undone=None).order_by("-number")[:CHUNK]
            )
            for row in rows:
                _undo_row(resource, row)
            imp.rows.model.objects.bulk_update(rows, ["undone", "undo_note"])
        job.progress(imp.rows.exclude(undone=None).count(), total=total)
        if len(rows) < CHUNK:
            return


def _undo_row(resource: ImportResource, row: Any) -> None:
    """What is kept is kept with a reason."""
    row.undone = False
    try:
        with transaction.atomic():
            record = resource.rows().filter(pk=row.record).first()
            if record is None:
                row.undo_note = _("It is not here any more.")
            elif row.outcome == Outcome.NEW:
                _take_away(resource, record, row)
            else:
                _put_back(resource, record, row)
    except Refused as refusal:
        row.undone, row.undo_note = False, str(refusal)[:500]
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, models.ProtectedError, models.RestrictedError):
        row.undone, row.undo_note = False, _("Other records rest on it.")


def _take_away(resource: ImportResource, record: Any, row: Any) -> None:
    if row.stamp and stamp_of(record) != row.stamp:
        row.undo_note = _("It was changed since the import.")
    elif used := used_by(record, resource.parts):
        row.undo_note = _("It is used: {what}.").format(what=used)
    else:
        resource.remove(record)
        row.undone = True


def _put_back(resource: ImportResource, record: Any, row: Any) -> None:
    """Each field that still holds what the import wrote gets back what stood there before."""
    now = {name: resource.render(name, value) for name, value in resource.current(record).items()}
    back = [name for name, after in row.after.items() if now.get(name) == after]
    kept = [str(resource.column(name).label) for name in row.after if name not in back and name in resource.columns]
    item = Item(row.number, [], values=_values(resource, row, back))
    resource.prepare([item])
    if item.reasons:
        raise _Kept(why=item.reasons[0][1])
    if item.values:
        resource.update(record, item.values)
    row.undone = not kept
    if kept:
        row.undo_note = _("Changed since the import, and left as it is: {fields}.").format(fields=", ".join(kept))[:500]


class _Kept(Refused):
    message = _("{why}")


def _values(resource: ImportResource, row: Any, names: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in names:
        text = row.before.get(name, "")
        try:
            values[name] = resource.column(name).widget.clean(text) if text else resource.blank(name)
        except ValueError as error:
            raise _Kept(why=error) from None
    return values


def used_by(record: models.Model, parts: Sequence[str] = ()) -> str:
    """What else points at the record (histories and its own parts do not count): the names of the kinds, or empty."""
    found = []
    for relation in record._meta.related_objects:
        model: Any = relation.related_model
        if hasattr(model, "instance_type") or relation.get_accessor_name() in parts:
            continue
        if model._base_manager.filter(**{relation.field.name: record}).exists():
            found.append(str(capfirst(model._meta.verbose_name_plural)))
    return ", ".join(found)
