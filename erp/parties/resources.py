"""Customers and suppliers from files."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, ImportResource, Item, Number, Text, Whole, YesNo, register
from base.exchange.resources import words_by
from base.refusals import BadInput
from erp.parties import services
from erp.parties.models import Party, PartyKind
from erp.parties.roles import KEEPERS
from erp.terms.models import PaymentTerms

MASTER = ("name", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country", "external_ref")


class PartyResource(ImportResource):
    """What customers and suppliers have in common."""

    model = Party
    roles = KEEPERS
    guarded = (*services.TERM_FIELDS, "terms_code")
    match_on = (("code",), ("external_ref",), ("name",))

    name = Column(
        gettext_lazy("Name"), names="company companyname suppliername vendorname customername firm 公司名称 供应商名称 客户名称 名称 单位名称",
        required=True, sample="Exotic Liquids", match=True, fold=True,
    )  # fmt: skip
    code = Column(
        gettext_lazy("Code"), Text(20), names="partycode 往来编码",
        help=gettext_lazy("Only to recognise parties that are here; new ones get their code here."), match=True,
    )  # fmt: skip
    external_ref = Column(
        gettext_lazy("Reference"), names="id supplierid vendorid customerid businessentityid accountnumber 编号 供应商编号 客户编号",
        sample="EXOTI", help=gettext_lazy("Its code in the system it came from."), match=True,
    )  # fmt: skip
    email = Column(gettext_lazy("E-mail"), names="email mail 邮箱 电子邮件", sample="sales@exotic.example")
    phone = Column(gettext_lazy("Phone"), names="telephone tel 电话 联系电话", sample="(171) 555-2222")
    tax_id = Column(gettext_lazy("Tax id"), names="vat vatid vatnumber 税号 纳税人识别号 统一社会信用代码", match=True)
    street = Column(gettext_lazy("Street"), names="address addressline1 地址 街道", sample="49 Gilbert St.")
    postal_code = Column(gettext_lazy("Postal code"), names="zip zipcode postcode 邮编", sample="EC1 4SD")
    city = Column(gettext_lazy("City"), names="town 城市 市", sample="London")
    region = Column(gettext_lazy("Region"), names="state province 省 省份")
    country = Column(gettext_lazy("Country"), names="国家", sample="UK")
    payment_terms_days = Column(
        gettext_lazy("Payment terms (days)"), Whole(0, 365), names="paymentterms terms netdays 账期 付款天数", sample=30
    )
    terms_code = Column(
        gettext_lazy("Payment terms"), Text(20), names="paymenttermscode termsid 付款条件",
        help=gettext_lazy("Code of payment terms that are here; their days come along."),
    )  # fmt: skip
    commercial_tier = Column(gettext_lazy("Commercial tier"), Text(40), names="等级 客户等级")
    credit_class = Column(gettext_lazy("Credit class"), Text(20), names="creditrating 信用等级")
    credit_limit = Column(gettext_lazy("Credit limit"), Number(2, 0), names="limit 信用额度")
    on_hold = Column(gettext_lazy("On hold"), YesNo(), names="blocked 冻结")
    hold_reason = Column(gettext_lazy("Why on hold"), names="冻结原因")
    einvoice = Column(
        gettext_lazy("E-invoice"), Choice([("ubl", "UBL 2.1"), ("cii", "CII / Factur-X")]), names="einvoicing 电子发票"
    )
    buyer_reference = Column(gettext_lazy("Buyer reference"), Text(100), names="leitwegid 买方参考号")
    endpoint = Column(gettext_lazy("Electronic address"), names="endpointid 电子地址")
    endpoint_scheme = Column(gettext_lazy("Kind of address"), Text(4), names="endpointscheme eas 地址类型")

    kind: PartyKind

    def rows(self) -> QuerySet[Party]:
        return Party.objects.filter(kind=self.kind).select_related("payment_terms")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text.upper() for item in items if isinstance(text := item.values.get("terms_code"), str)}
        self.resolve(items, "terms_code", words_by(PaymentTerms.objects.filter(code__in=texts), "code"))

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "terms_code": record.payment_terms}

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "terms_code" and value else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._open(item.values) for item in items]

    def _open(self, values: dict[str, Any]) -> Party:
        if values.get("code"):
            raise BadInput(why=_("No party here has this code; leave it empty, a new one is given."), field="code")
        master = {name: value for name, value in values.items() if name in MASTER}
        open_it = services.open_supplier if self.kind == PartyKind.SUPPLIER else services.open_customer
        party = open_it(**master)
        terms = _terms_of(values)
        return services.class_party(party, **terms) if terms else party

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        master = {name: value for name, value in changes.items() if name in MASTER}
        terms = _terms_of(changes)
        if master:
            record = services.update_own(record, **master)
        return services.class_party(record, **terms) if terms else record

    def remove(self, record: Any) -> None:
        services.remove_party(record)


def _terms_of(values: dict[str, Any]) -> dict[str, Any]:
    """The terms among the values, as the service calls them."""
    terms = {name: value for name, value in values.items() if name in services.TERM_FIELDS}
    if "terms_code" in values:
        terms["payment_terms"] = values["terms_code"] or None
    return terms


@register
class SupplierResource(PartyResource):
    """Whom we buy from."""

    key = "suppliers"
    label = gettext_lazy("Suppliers")
    about = gettext_lazy("Whom you buy from, with addresses and terms.")
    icon = "truck-delivery"
    kind = PartyKind.SUPPLIER


@register
class CustomerResource(PartyResource):
    """Whom we sell to without the CRM; terms of those from the CRM."""

    key = "customers"
    label = gettext_lazy("Customers")
    about = gettext_lazy("Whom you sell to without the CRM; of customers from the CRM the terms only.")
    icon = "users"
    kind = PartyKind.CUSTOMER
