"""One bad thing for each detector of the hub: how it is done, and what the case must be about."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

FLOOD = 400  # events at once
REFUSED = 12  # events of one contract


def buyer_of(teller: Any) -> Any:
    """A customer whom both sides know."""
    from integration.contracts.customers import CustomerRegistered
    from integration.contracts.parties import PartyOpened

    buyer = teller.world.snapshot().model_copy(update={"version": 5})
    teller.tell(CustomerRegistered(customer=buyer.customer, snapshot=buyer))
    teller.world.parties += 1
    teller.tell(PartyOpened(customer=buyer.customer, party=code_of(teller), payment_terms_days=30))
    return buyer


def code_of(teller: Any) -> str:
    """The party of the last buyer."""
    return f"C{teller.world.mark}{teller.world.parties:06d}"


def _id_reuse(teller: Any) -> str:
    from base.ids import uuid7

    id, first = uuid7(), teller.world.deal(buyer_of(teller))
    teller.tell(first, id=id)
    second = teller.world.deal(first.customer)
    teller.tell(second, id=id)
    return str(second.partition_key)


def _gap(teller: Any) -> str:
    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal, seq=3)
    return str(deal.partition_key)


def _regress(teller: Any) -> str:
    from integration.contracts.deals import DealWithdrawn

    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    teller.tell(DealWithdrawn(deal=deal.deal, reason="again"), seq=1)
    return str(deal.partition_key)


def _foreign_field(teller: Any) -> str:
    return updated(teller, version=6, payment_terms_days=120)


def _stale_base(teller: Any) -> str:
    return updated(teller, version=4)


def updated(teller: Any, version: int, changed: tuple[str, ...] = ("phone",), **more: Any) -> str:
    """A change of a customer that is bent."""
    from integration.contracts.customers import CustomerUpdated

    buyer = buyer_of(teller).model_copy(update={"version": version, "phone": "1"})
    fact = CustomerUpdated(customer=buyer.customer, snapshot=buyer, changed=changed)
    teller.tell(fact, **more)
    return str(fact.partition_key)


def _unmapped(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.credit import CreditBanded

    fact = CreditBanded(customer=uuid7(), party="C-NOBODY", band="tight")
    teller.tell(fact)
    return str(fact.partition_key)


def _mapped_twice(teller: Any) -> str:
    from integration.contracts.parties import PartyOpened

    buyer = buyer_of(teller)
    fact = PartyOpened(customer=buyer.customer, party="C-OTHER", payment_terms_days=30)
    teller.tell(fact)
    return str(fact.partition_key)


def deal_with(teller: Any, changed: dict[str, Any] | None = None, **line: Any) -> str:
    """A promise with one line that is bent."""
    world = teller.world
    bent = world.line(1, *world.products[5]).model_copy(update=line)
    deal = world.deal(buyer_of(teller), **{"lines": (bent,), "net_total": bent.net_amount} | (changed or {}))
    teller.tell(deal)
    return str(deal.partition_key)


def offer(teller: Any, sku: str, name: str = "Special") -> None:
    """A product of its own, with a price."""
    from integration.contracts.products import PricePublished, ProductPublished
    from proofs._stories import DAY

    teller.tell(ProductPublished(sku=sku, name=name, unit="pcs", tax_class="full"))
    teller.tell(PricePublished(sku=sku, currency="EUR", unit_price=Decimal(10), valid_from=DAY))


def _withdrawn_product(teller: Any) -> str:
    from integration.contracts.products import ProductWithdrawn

    offer(teller, "OLD")
    teller.tell(ProductWithdrawn(sku="OLD"))
    return deal_with(teller, sku="OLD", unit="pcs")


def _renamed_product(teller: Any) -> str:
    from integration.contracts.products import ProductPublished

    offer(teller, "SOAP", "Soap")
    teller.tell(ProductPublished(sku="SOAP", name="Shampoo", unit="pcs", tax_class="full"))
    return deal_with(teller, sku="SOAP", description="Soap", unit="pcs")


def _unit(teller: Any) -> str:
    from integration.contracts.products import ProductPublished

    offer(teller, "ROPE")
    fact = ProductPublished(sku="ROPE", name="Special", unit="m", tax_class="full")
    teller.tell(fact)
    return str(fact.partition_key)


def _state(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.orders import OrderCompleted

    fact = OrderCompleted(order=uuid7(), number="SO-X")
    teller.tell(fact)
    return str(fact.partition_key)


def _tombstone(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.deals import DealWithdrawn, DepositReported
    from proofs._stories import DAY

    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    teller.tell(DealWithdrawn(deal=deal.deal, reason="taken back"))
    teller.tell(
        DepositReported(
            deposit=uuid7(), deal=deal.deal, customer=deal.customer, amount=Decimal(1), currency="EUR", reported_on=DAY
        )
    )
    return str(deal.partition_key)


def _volume(teller: Any) -> str:
    """One contract runs wild: as many in a minute as otherwise in an hour."""
    from integration.contracts.customers import CustomerRegistered

    for _number in range(FLOOD):
        buyer = teller.world.snapshot()
        teller.tell(CustomerRegistered(customer=buyer.customer, snapshot=buyer))
    return CustomerRegistered.type


def _reject_rate(teller: Any) -> str:
    """The receiver answers 422 to every return from now on, and goods go on coming back."""
    from integration.contracts.orders import OrderCompleted

    teller.relay.refusing, told = "crm.return.requested.v1", 0
    while told < REFUSED:
        deal = teller.world.deal(buyer_of(teller))
        facts = [deal, *teller.world.life(deal, code_of(teller))]
        for fact in facts:
            teller.tell(fact)
        if isinstance(fact, OrderCompleted):
            teller.tell(next(teller.world.goods_back(deal, fact.order)))
            told += 1
    teller.relay.turn()
    return str(teller.relay.refusing)


def disagreement(teller: Any, missing: bool = False) -> str:
    """The ERP's books have another name for a customer than the CRM, or have not got another one at all, and no event
    of them is on its way."""
    from integration.hub import reconciling
    from integration.hub.models import Known
    from integration.liaison import comparing

    def held(key: str, name: str) -> comparing.Record:
        return comparing.Record(key, f"customer:{key}", {"name": name})

    rows = Known.objects.filter(name__startswith="customer:").order_by("as_of").values_list("name", "facts")[:50]
    names = {name.partition(":")[2]: facts["name"] for name, facts in rows}
    wrong, gone = sorted(names)[:2]
    books = {
        "crm": [held(key, name) for key, name in names.items()],
        "erp": [
            held(key, "Firma Falsch" if key == wrong else name)
            for key, name in names.items()
            if not (missing and key == gone)
        ],
    }

    def ask(side: str, question: str, subject: str, buckets: Any = ()) -> dict[str, Any]:
        if question == "digests":
            return {"digests": {str(key): value for key, value in comparing.digests(iter(books[side])).items()}}
        found = (one for one in books[side] if str(comparing.bucket_of(one.key)) in buckets)
        return {"records": [[one.key, one.about, one.values] for one in found]}

    reconciling.reconcile("customers", ask, second_look_s=0.0)
    return f"customer:{gone if missing else wrong}"


BAD_THINGS: dict[str, Callable[[Any], str]] = {
    "id-reuse": _id_reuse,
    "gap": _gap,
    "regress": _regress,
    "foreign-field": _foreign_field,
    "stale-base": _stale_base,
    "unmapped": _unmapped,
    "mapped-twice": _mapped_twice,
    "unknown-product": lambda teller: deal_with(teller, sku="GHOST"),
    "withdrawn-product": _withdrawn_product,
    "renamed-product": _renamed_product,
    "unit": _unit,
    "currency": lambda teller: deal_with(teller, {"currency": "GBP"}),
    "total": lambda teller: deal_with(teller, {"net_total": Decimal("1.00")}),
    "state": _state,
    "tombstone": _tombstone,
    "volume": _volume,
    "reject-rate": _reject_rate,
    "reconciliation": disagreement,
}
