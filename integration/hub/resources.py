"""Mappings from files: for companies that both systems know already, before any event names the pair."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.widgets import Widget

from base.exchange import Column, ImportResource, Item, Text, register
from base.exchange.columns import refuse, shown
from integration.hub import mapping
from integration.hub.models import Mapping
from integration.hub.roles import OPERATORS


class CustomerId(Widget):
    """The id by which the CRM calls a customer."""

    def clean(self, value: Any, row: Any = None, **_options: Any) -> UUID:
        try:
            return UUID(str(value).strip())
        except ValueError:
            raise refuse(_("“{text}” is no id of a customer."), text=shown(value)) from None

    def render(self, value: Any, obj: Any = None, **_options: Any) -> str:
        return "" if value is None else str(value)


@register
class MappingResource(ImportResource):
    """Which customer of the CRM is which party of the ERP."""

    key = "mappings"
    label = gettext_lazy("Mapping")
    about = gettext_lazy("Which customer of the CRM is which party of the ERP, for those that both know already.")
    icon = "arrows-exchange"
    model = Mapping
    roles = OPERATORS
    match_on = (("customer",),)

    customer = Column(
        gettext_lazy("Customer in the CRM"),
        CustomerId(),
        names="customerid id uuid account accountid crm crmid 客户 客户编号",
        required=True,
        sample="0190f3c2-7a51-7c3e-9d0e-6b1f2a3c4d5e",
        help=gettext_lazy("The id at the end of the account's address."),
        match=True,
    )
    party = Column(
        gettext_lazy("Party in the ERP"),
        Text(40),
        names="partycode code erp erpid debtor 往来单位 往来单位代码 编码",
        required=True,
        sample="C00001",
    )
    name = Column(
        gettext_lazy("Name"),
        names="company companyname customername 名称 客户名称 公司名称",
        sample="Alfreds Futterkiste",
        help=gettext_lazy("For people to read; only the ids count."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._customers: dict[UUID, tuple[str, int]] = {}
        self._parties: dict[str, tuple[UUID, int]] = {}

    def rows(self) -> QuerySet[Mapping]:
        return Mapping.objects.visible_to(self.user)

    def prepare(self, items: Sequence[Item]) -> None:
        """A key that means two things, in the file or against what is held, is refused with the other meaning."""
        told = [item for item in items if item.values.get("customer") and item.values.get("party")]
        for item in told:
            self._refuse_second_meaning(item)
        pairs = {id(item): (item.values["customer"], item.values["party"]) for item in told if not item.reasons}
        held = mapping.contradictions(pairs.values())
        for item in told:
            if why := held.get(pairs.get(id(item), (UUID(int=0), ""))):
                item.refuse("party", why)

    def _refuse_second_meaning(self, item: Item) -> None:
        customer, party = item.values["customer"], item.values["party"]
        other_party, row = self._customers.setdefault(customer, (party, item.number))
        if other_party != party:
            item.refuse("customer", _("Row {row} maps it to {party}.").format(row=row, party=other_party))
        other, row = self._parties.setdefault(party, (customer, item.number))
        if other != customer:
            item.refuse("party", _("Row {row} maps customer {customer} to it.").format(row=row, customer=other))

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        """The name of a pair that an event proves is the CRM's to say."""
        found = super().changes(item, record)
        if record.evidence_id:
            found.pop("name", None)
        return found

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [
            mapping.write_down(one.values["customer"], one.values["party"], self.user, one.values.get("name", ""))
            for one in items
        ]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return mapping.rename(record, changes.get("name", record.name))

    def remove(self, record: Any) -> None:
        mapping.take_back(record)

    def named(self, record: Any) -> str:
        return f"{record.name or record.customer} ↔ {record.party}"
