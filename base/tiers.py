"""Field tiers: which figures of a record a person may see, said once and asked by every channel.

A model names its sensitive fields in `TIERS = {"unit_cost": "cost"}` (columns, annotations, properties alike), a side
says in `FIELD_TIERS` which roles see a tier; a tier the side does not name is seen by nobody but a superuser. Lists,
filters, order, exports, search, history, the admin and the API ask here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from base.roles import has_role


class Tier(StrEnum):
    """The kinds of figures that not everybody in the house may know."""

    PRICE = "price"
    COST = "cost"
    MARGIN = "margin"
    CREDIT = "credit"
    SALARY = "salary"


class HiddenField(Refused):
    """Filtering, sorting, exporting or setting by a figure tells it; so whoever may not see it may not do that."""

    message = _("You may not see or use the field {name}.")
    status = 403


def sees(user: Any, tier: str) -> bool:
    """May the user see figures of this tier? No query beyond the roles, which are read once per user."""
    readers: tuple[str, ...] = getattr(settings, "FIELD_TIERS", {}).get(str(tier), ())
    return bool(getattr(user, "is_active", False)) and has_role(user, *readers)


@lru_cache(maxsize=512)
def tiers_of(model: type[Model]) -> Mapping[str, Tier]:
    """The model's sensitive fields with their tiers; a history table's are those of the record it keeps."""
    kept: Any = getattr(model, "instance_type", None) or model
    tiers = {name: Tier(tier) for name, tier in getattr(kept, "TIERS", {}).items()}
    for name, tier in list(tiers.items()):
        try:
            tiers[kept._meta.get_field(name).attname] = tier
        except (FieldDoesNotExist, AttributeError):
            continue
    return tiers


def hidden_fields(user: Any, model: type[Model]) -> frozenset[str]:
    """What of a record of this model the user may not see."""
    return frozenset(name for name, tier in tiers_of(model).items() if not sees(user, tier))


def hidden_path(user: Any, model: type[Model], path: str) -> bool:
    """Does a lookup such as `-party__credit_limit__gte` touch something hidden on its way?"""
    here: Any = model
    for part in path.lstrip("-+").replace(".", "__").split("__"):
        if part in hidden_fields(user, here):
            return True
        try:
            field = here._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if not field.is_relation or field.related_model is None:
            return False
        here = field.related_model
    return False


def refuse_hidden(user: Any, model: type[Model], names: Iterable[str]) -> None:
    """Raise on the first lookup, order or column that would tell a hidden figure."""
    for name in names:
        if hidden_path(user, model, name):
            raise HiddenField(name=name.lstrip("-+"), field=name.lstrip("-+").split("__")[0])


class TieredSerializerMixin:
    """Leaves hidden fields out of the answer and refuses a body that sets one.

    Fields are judged by their source (`source="party.credit_limit"`); one that is computed names its tier in
    `tiers = {"margin": "margin"}`. Without a user in the context nobody looks: all tiers are hidden.
    """

    tiers: Mapping[str, str] = {}

    @property
    def _readable_fields(self) -> Any:
        hidden = self._hidden()
        return [field for field in super()._readable_fields if field.field_name not in hidden]  # type: ignore[misc]

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (told := self._hidden().intersection(data)):
            name = min(told)
            raise HiddenField(name=name, field=name)
        return super().to_internal_value(data)  # type: ignore[misc]

    def _hidden(self) -> frozenset[str]:
        told: frozenset[str] | None = getattr(self, "_hidden_names", None)
        if told is None:
            context: dict[str, Any] = self.context  # type: ignore[attr-defined]
            user = getattr(context.get("request"), "user", None) or context.get("user")
            model = getattr(getattr(self, "Meta", None), "model", None)
            told = self._hidden_names = frozenset(
                name
                for name, field in self.fields.items()  # type: ignore[attr-defined]
                if (name in self.tiers and not sees(user, self.tiers[name]))
                or (model is not None and hidden_path(user, model, field.source or name))
            )
        return told


class TieredFilterMixin:
    """A FilterSet that refuses to narrow or sort by what the caller may not see."""

    def filter_queryset(self, queryset: Any) -> Any:
        request: HttpRequest | None = self.request  # type: ignore[attr-defined]
        given = self.form.cleaned_data  # type: ignore[attr-defined]
        asked: list[str] = []
        for name, found in self.filters.items():  # type: ignore[attr-defined]
            value = given.get(name)
            if value in (None, "", [], ()):
                continue
            asked.append(found.field_name or name)
            if hasattr(found, "param_map"):  # an OrderingFilter: its values are the lookups
                asked += [str(term) for term in value]
        refuse_hidden(getattr(request, "user", None), queryset.model, asked)
        return super().filter_queryset(queryset)  # type: ignore[misc]
