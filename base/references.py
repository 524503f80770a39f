"""How the API names other records: by what people call them, and refused in people's words when there is none."""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class NamedField(serializers.SlugRelatedField[Any]):
    """Another record by its code, number or name."""

    default_error_messages = {
        "does_not_exist": _("There is no {what} “{value}” here."),
        "invalid": _("{what}: give its name as text."),
    }

    def to_internal_value(self, data: Any) -> Any:
        """The record of that name, among those that may be named here."""
        rows = self.get_queryset()
        assert self.slug_field is not None
        assert rows is not None
        what = rows.model._meta.verbose_name
        if not isinstance(data, str | int) or "\0" in str(data):
            self.fail("invalid", what=capfirst(str(what)))
        try:
            return rows.get(**{self.slug_field: data})
        except rows.model.DoesNotExist:
            self.fail("does_not_exist", what=what, value=data)
        except ValueError:  # half a character, say
            self.fail("invalid", what=capfirst(str(what)))


class PersonField(NamedField):
    """A colleague by user name."""

    def __init__(self, **options: Any) -> None:
        if not options.get("read_only"):
            options.setdefault("queryset", get_user_model().objects.filter(is_active=True))
        super().__init__(slug_field="username", **options)
