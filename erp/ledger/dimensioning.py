"""The verbs of cost centres and projects: open, change, remove."""

import re
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from base.ids import uuid7
from base.refusals import BadInput
from base.roles import require
from erp.ledger import services
from erp.ledger.dimensions import WITHOUT, WORD
from erp.ledger.models import Dimension, DimensionKind
from erp.ledger.refusals import BelongsElsewhere, DimensionCodeTaken, DimensionInUse, books_rules
from erp.ledger.roles import WRITERS

EDITABLE = ("code", "name", "name_zh", "initials", "parent", "active")


@transaction.atomic
def open_dimension(*, by: Any, kind: str, code: str, name: str, id: UUID | None = None, **fields: Any) -> Dimension:
    """A new cost centre or project; the same `id` sent again gives the one that is there."""
    require(by, *WRITERS)
    assert set(fields) <= set(EDITABLE), fields
    if id and (known := Dimension.objects.filter(pk=id).first()):
        return known
    if kind not in DimensionKind.values:
        raise BadInput(why=_("Choose a cost centre or a project."), field="kind")
    made = Dimension(id=id or uuid7(), company=services.company(), kind=kind)
    return _keep(made, {"code": code, "name": name, **fields}, force_insert=True)


@transaction.atomic
def change_dimension(dimension: Dimension, by: Any, **changes: Any) -> Dimension:
    """Another name or place; its code stays as soon as lines of the books name it."""
    require(by, *WRITERS)
    assert set(changes) <= set(EDITABLE), changes
    return _keep(Dimension.objects.select_for_update(of=("self",)).get(pk=dimension.pk), changes)


@transaction.atomic
def remove_dimension(dimension: Dimension, by: Any) -> None:
    """Take back what was opened by mistake; what lines name, or what has others below it, stays."""
    require(by, *WRITERS)
    try:
        with books_rules():
            dimension.delete()
    except ProtectedError as error:
        raise DimensionInUse(what=dimension.code) from error


def _keep(dimension: Dimension, told: dict[str, Any], **how: Any) -> Dimension:
    """Judge and keep it; `parent` is the one above or its code."""
    if "code" in told:
        told["code"] = str(told["code"]).strip()
        if not re.fullmatch(WORD, told["code"]) or told["code"] == WITHOUT:
            raise BadInput(why=_("A code is one word, without commas and brackets."), field="code")
    if isinstance(code := told.get("parent"), str):
        above = Dimension.objects.filter(company=dimension.company_id, kind=dimension.kind, code=code).first()
        if code and above is None:
            raise BelongsElsewhere(code=told.get("code", dimension.code))
        told["parent"] = above
    changed = {name: value for name, value in told.items() if getattr(dimension, name) != value}
    for name, value in changed.items():
        setattr(dimension, name, value)
    same = Dimension.objects.filter(company=dimension.company_id, kind=dimension.kind, code=dimension.code)
    if "code" in changed and same.exclude(pk=dimension.pk).exists():
        raise DimensionCodeTaken(code=dimension.code)
    if changed or how:
        try:
            with transaction.atomic(), books_rules():
                dimension.save(**how)
        except IntegrityError as error:  # somebody else was quicker
            raise DimensionCodeTaken(code=dimension.code) from error
    return dimension
