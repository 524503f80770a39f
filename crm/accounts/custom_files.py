"""Custom fields in files: a column for each of those in use."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from base.exchange import Choice, Column, Day, ImportResource, Number, Text
from base.exchange.columns import YesNo
from crm.accounts.custom_values import PLACES, TEXT_LENGTH, Rules, rules_of
from crm.accounts.models_custom import CustomField, ValueKind

MOST = 10**15 - 1


class CustomResource(ImportResource):
    """Records with custom fields; what a file says of them comes to the service as `custom`."""

    custom_of: ClassVar[str] = ""

    @classmethod
    def for_user(cls, user: Any) -> "CustomResource":
        """With the columns that the company added."""
        resource = super().for_user(user)
        assert isinstance(resource, CustomResource)
        resource.rules = rules_of(cls.custom_of)
        resource.fields = {**resource.fields, **{one.name: _column(one) for one in resource.rules.active}}
        return resource

    rules: Rules = Rules("", ())

    def current(self, record: Any) -> dict[str, Any]:
        custom = self.rules.typed(record.custom)
        return {**super().current(record), **{one.name: custom[one.key] for one in self.rules.active}}

    def folded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the services take them."""
        told = dict(values)
        custom = {one.key: told.pop(one.name) for one in self.rules.active if one.name in told}
        return {**told, "custom": custom} if custom else told


def _column(one: CustomField) -> Column:
    names = " ".join((one.key, one.label_en.replace(" ", ""), one.label_zh.replace(" ", "")))
    made = Column(one.words, _widget(one), names=names, help=_("A field of your own."))
    made.attribute = made.column_name = one.name
    return made


def _widget(one: CustomField) -> Any:
    if one.kind == ValueKind.NUMBER:
        return Number(PLACES, most=MOST)
    if one.kind == ValueKind.DATE:
        return Day()
    if one.kind == ValueKind.YES_NO:
        return YesNo()
    if one.kind == ValueKind.CHOICE:
        return Choice([(word, word) for word in one.options])
    return Text(TEXT_LENGTH)
