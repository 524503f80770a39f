"""A cell changed in place: shown as its field, saved through the service, guarded against overwriting others."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from base.listing.columns import Column
from base.listing.listing import Listing
from base.refusals import NotAllowed, Refused
from base.roles import has_role


def may_edit(column: Column, row: Any, user: Any) -> bool:
    """May this user change this cell of this row?"""
    edit = column.edit
    if edit is None or (edit.roles and not has_role(user, *edit.roles)):
        return False
    return edit.may is None or edit.may(row, user)


def asks_for_proof(listing: Listing, user: Any, name: str) -> bool:
    """Does changing this column need a recent proof of who one is? Whoever may not change it is told so instead."""
    edits = (column.edit for column in listing.columns_for(user) if column.name == name and column.edit)
    return any(edit.step_up and (not edit.roles or has_role(user, *edit.roles)) for edit in edits)


@dataclass
class Cell:
    """One cell while it is being changed."""

    row: Any
    column: Column
    form: forms.Form
    error: str = ""


def open_cell(listing: Listing, user: Any, pk: Any, name: str, data: Any = None) -> Cell:
    """The cell of a row the user may see and change; nothing else is there."""
    column = next((column for column in listing.columns_for(user) if column.name == name and column.edit), None)
    pk_field = listing.model._meta.pk
    assert pk_field is not None
    try:
        row = listing.rows(user).filter(pk=pk_field.to_python(pk)).first() if column is not None else None
    except ValidationError:
        row = None
    if row is None or column is None:
        raise Http404
    if not may_edit(column, row, user):
        raise NotAllowed()
    return Cell(row, column, _form(column, row, data))


def save_cell(listing: Listing, user: Any, cell: Cell, version: str) -> bool:
    """Save what was typed; on a mistake or a refusal the cell says why and nothing is changed."""
    if not cell.form.is_valid():
        cell.error = " ".join(str(error) for error in cell.form.errors.get("value", ()))
        return False
    edit = cell.column.edit
    assert edit is not None
    try:
        with transaction.atomic():
            locked = listing.model._default_manager.select_for_update(of=("self",)).get(pk=cell.row.pk)
            if listing.version is not None and version != listing.version_of(locked):
                raise _Newer()
            if not may_edit(cell.column, locked, user):
                raise NotAllowed()
            edit.save(locked, cell.form.cleaned_data["value"], user)
    except _Newer:
        cell.row = listing.rows(user).get(pk=cell.row.pk)
        now = _form(cell.column, cell.row, None).initial["value"]
        cell.error = _("Somebody changed this row meanwhile; the value is “{now}”. Enter again keeps yours.").format(
            now=now if now not in (None, "") else "–"
        )
        return False
    except Refused as refusal:
        cell.error = str(refusal)
        return False
    cell.row = listing.rows(user).filter(pk=cell.row.pk).first() or cell.row
    return True


class _Newer(Exception):
    """The row is not the one that was looked at."""


def _form(column: Column, row: Any, data: Any) -> forms.Form:
    """A form of the one field."""
    edit = column.edit
    assert edit is not None
    field = edit.field()
    field.label = str(column.label)
    kind = type("CellForm", (forms.Form,), {"value": field})
    initial = edit.initial(row) if edit.initial else column.value_of(row)
    form: forms.Form = kind(data, initial={"value": initial}, auto_id="cell_%s")
    return form
