"""Products and their prices from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key, words_by
from erp.ledger.services import base_currency
from erp.parties.models import Party
from erp.products import services
from erp.products.models import Price, Product
from erp.products.roles import KEEPERS
from erp.tax.models import TaxClass


@register
class ProductResource(ImportResource):
    """What we sell; new ones are drafts until they have a price and are published."""

    key = "products"
    label = gettext_lazy("Products")
    about = gettext_lazy("What you sell; new ones are drafts until they have a price and are published.")
    icon = "package"
    model = Product
    roles = KEEPERS
    match_on = (("sku",),)

    sku = Column(
        gettext_lazy("SKU"), Text(40), names="productid productnumber itemnumber articlenumber code itemcode 编码 物料编码 商品编码 货号",
        required=True, sample="CHAI", match=True,
    )  # fmt: skip
    name = Column(
        gettext_lazy("Name"), Text(200), names="productname description title 名称 品名 商品名称 物料名称", required=True,
        sample="Chai",
    )  # fmt: skip
    unit = Column(
        gettext_lazy("Unit"), Text(40), names="quantityperunit uom sizeunitmeasurecode 单位 计量单位", sample="box"
    )
    tax_class = Column(gettext_lazy("Tax class"), Text(20), names="tax vatclass 税类", sample="standard")
    category = Column(
        gettext_lazy("Category"), Text(80), names="categoryname categoryid productline group 类别 分类", sample="Tea"
    )
    supplier = Column(
        gettext_lazy("Supplier"), names="supplierid vendor suppliername vendorname 供应商 供应商编号",
        help=gettext_lazy("Code, reference or name of a supplier that is here."),
    )  # fmt: skip
    floor_percent = Column(
        gettext_lazy("Floor, % of list price"), Number(2, 0, 100), names="floor minimum 最低价比例", tier="price"
    )

    def rows(self) -> QuerySet[Product]:
        return Product.objects.select_related("supplier")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("supplier"), str)}
        named = Q(code__in=texts) | Q(external_ref__in=texts) | Q(name__in=texts)
        self.resolve(
            items, "supplier", words_by(Party.objects.suppliers().filter(named), "code", "external_ref", "name")
        )
        known = {*TaxClass.objects.values_list("code", flat=True)}
        for item in items:
            told = item.values.get("tax_class")
            if told is not None and told not in known:
                item.refuse("tax_class", services.TaxClassUnknown(tax_class=told))

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "supplier" and value is not None else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [services.create_product(**item.values) for item in items]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return services.change_product(record, **changes)

    def remove(self, record: Any) -> None:
        services.remove_product(record)


@register
class PriceResource(ImportResource):
    """List prices from a day on; a price is never changed, a new one is set from a later day."""

    key = "prices"
    label = gettext_lazy("Prices")
    about = gettext_lazy("List prices from a day on. A price is never changed; set a new one from a later day.")
    icon = "tag"
    model = Price
    roles = KEEPERS
    match_on = (("product",),)
    updatable = False

    product = Column(
        gettext_lazy("SKU"), names="productid productnumber itemnumber code itemcode product 编码 物料编码 商品编码 货号",
        required=True, sample="CHAI", match=True, lookup="product",
    )  # fmt: skip
    amount = Column(
        gettext_lazy("Price"), Number(6, 0), names="unitprice listprice price salesprice 单价 售价 价格", required=True,
        sample=Decimal("18.00"), tier="price",
    )  # fmt: skip
    currency = Column(
        gettext_lazy("Currency"),
        Choice([(code, code) for code in ("EUR", "USD", "GBP", "CHF", "CNY", "JPY")]),
        names="币种",
        sample="EUR",
    )
    valid_from = Column(
        gettext_lazy("Valid from"), Day(), names="from startdate validfrom date 生效日期 开始日期",
        help=gettext_lazy("Today, if left out and the price is another one than now."), sample="2026-01-01",
    )  # fmt: skip

    def rows(self) -> QuerySet[Price]:
        return Price.objects.select_related("product")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("product"), str)}
        self.resolve(items, "product", words_by(Product.objects.filter(sku__in=texts), "sku"))
        base, today = base_currency(), timezone.localdate()
        products = [item.values["product"].pk for item in items if not item.reasons]
        now: dict[tuple[Any, str], Price] = {}
        for price in Price.objects.filter(product__in=products, valid_from__lte=today).order_by("valid_from"):
            now[price.product_id, price.currency] = price
        for item in items:
            if item.reasons:
                continue
            values = item.values
            values.setdefault("currency", base)
            valid = now.get((values["product"].pk, values["currency"]))
            same = valid is not None and valid.amount == values["amount"]
            values.setdefault("valid_from", valid.valid_from if valid is not None and same else today)

    def render(self, name: str, value: Any) -> str:
        return value.sku if name == "product" and value is not None else super().render(name, value)

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        if not values.get("product"):
            return None
        return (values["product"].pk, values.get("currency"), values.get("valid_from"))

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [
            services.set_price(one["product"], one["amount"], one["valid_from"], one["currency"])
            for one in (item.values for item in items)
        ]

    def remove(self, record: Any) -> None:
        raise services.PricesStay(sku=record.product.sku)

    def named(self, record: Any) -> str:
        return _("{sku} from {day}").format(sku=record.product.sku, day=record.valid_from)
