# ruff: noqa: RUF009 -- the helpers below are dataclasses.field with the name of the term
"""An invoice in the words of EN 16931: its business terms (BT-) and groups (BG-), whatever the syntax.

Text that is absent is empty; a date or number that is absent is None; what may repeat is a tuple. `terms(Invoice)`
tells the norm's name of every field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date as Day
from decimal import Decimal
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

CORE = "urn:cen.eu:en16931:2017"
INVOICE, CREDIT_NOTE = "380", "381"
CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})


def _text(term: str = "") -> Any:
    """A text, a code or an identifier."""
    return field(default="", metadata={"term": term})


def _absent(term: str = "") -> Any:
    """A date, a number or a group that may be missing."""
    return field(default=None, metadata={"term": term})


def _many(term: str = "") -> Any:
    """A group that repeats."""
    return field(default=(), metadata={"term": term})


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something's name in a register; the scheme says in which."""

    value: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """BG-1."""

    text: str = _text("BT-22")
    subject: str = _text("BT-21")


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: an invoice that this one corrects or follows."""

    number: str = _text("BT-25")
    date: Day | None = _absent("BT-26")


@dataclass(frozen=True, slots=True)
class Address:
    """BG-5, BG-8, BG-12 and BG-15."""

    line1: str = _text("BT-35 BT-50 BT-64 BT-75")
    line2: str = _text("BT-36 BT-51 BT-65 BT-76")
    line3: str = _text("BT-162 BT-163 BT-164 BT-165")
    city: str = _text("BT-37 BT-52 BT-66 BT-77")
    postal_code: str = _text("BT-38 BT-53 BT-67 BT-78")
    region: str = _text("BT-39 BT-54 BT-68 BT-79")
    country: str = _text("BT-40 BT-55 BT-69 BT-80")


@dataclass(frozen=True, slots=True)
class Contact:
    """BG-6 and BG-9."""

    name: str = _text("BT-41 BT-56")
    phone: str = _text("BT-42 BT-57")
    email: str = _text("BT-43 BT-58")


@dataclass(frozen=True, slots=True)
class Party:
    """BG-4 seller, BG-7 buyer, BG-10 payee, BG-11 tax representative."""

    name: str = _text("BT-27 BT-44 BT-59 BT-62")
    trading_name: str = _text("BT-28 BT-45")
    identifiers: tuple[Identifier, ...] = _many("BT-29 BT-46 BT-60")
    registration: Identifier | None = _absent("BT-30 BT-47 BT-61")
    vat_id: str = _text("BT-31 BT-48 BT-63")
    tax_number: str = _text("BT-32")
    legal_form: str = _text("BT-33")
    endpoint: Identifier | None = _absent("BT-34 BT-49")
    address: Address | None = _absent("BG-5 BG-8 BG-12")
    contact: Contact | None = _absent("BG-6 BG-9")


@dataclass(frozen=True, slots=True)
class Period:
    """BG-14 and BG-26."""

    start: Day | None = _absent("BT-73 BT-134")
    end: Day | None = _absent("BT-74 BT-135")


@dataclass(frozen=True, slots=True)
class Delivery:
    """BG-13."""

    name: str = _text("BT-70")
    location: Identifier | None = _absent("BT-71")
    date: Day | None = _absent("BT-72")
    address: Address | None = _absent("BG-15")


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """BG-16 with the account (BG-17) or the card (BG-18)."""

    code: str = _text("BT-81")
    text: str = _text("BT-82")
    account: str = _text("BT-84")
    account_name: str = _text("BT-85")
    bic: str = _text("BT-86")
    card: str = _text("BT-87")
    card_holder: str = _text("BT-88")


@dataclass(frozen=True, slots=True)
class Allowance:
    """BG-20 and BG-27; with `charge` BG-21 and BG-28. Tax stands on those of the document only."""

    amount: Decimal | None = _absent("BT-92 BT-99 BT-136 BT-141")
    charge: bool = False
    base: Decimal | None = _absent("BT-93 BT-100 BT-137 BT-142")
    percent: Decimal | None = _absent("BT-94 BT-101 BT-138 BT-143")
    category: str = _text("BT-95 BT-102")
    rate: Decimal | None = _absent("BT-96 BT-103")
    reason: str = _text("BT-97 BT-104 BT-139 BT-144")
    reason_code: str = _text("BT-98 BT-105 BT-140 BT-145")


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23: one category and rate."""

    basis: Decimal | None = _absent("BT-116")
    tax: Decimal | None = _absent("BT-117")
    category: str = _text("BT-118")
    rate: Decimal | None = _absent("BT-119")
    reason: str = _text("BT-120")
    reason_code: str = _text("BT-121")


@dataclass(frozen=True, slots=True)
class Attachment:
    """BG-24: a supporting document, by reference, address or with its bytes (base64)."""

    reference: str = _text("BT-122")
    description: str = _text("BT-123")
    address: str = _text("BT-124")
    content: str = _text("BT-125")
    mime: str = _text("BT-125-1")
    filename: str = _text("BT-125-2")


@dataclass(frozen=True, slots=True)
class Classification:
    """BT-158."""

    code: str = _text("BT-158")
    scheme: str = _text("BT-158-1")
    version: str = _text("BT-158-2")


@dataclass(frozen=True, slots=True)
class Attribute:
    """BG-32."""

    name: str = _text("BT-160")
    value: str = _text("BT-161")


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25."""

    number: str = _text("BT-126")
    note: str = _text("BT-127")
    object: Identifier | None = _absent("BT-128")
    quantity: Decimal | None = _absent("BT-129")
    unit: str = _text("BT-130")
    net: Decimal | None = _absent("BT-131")
    order_line: str = _text("BT-132")
    accounting_reference: str = _text("BT-133")
    period: Period | None = _absent("BG-26")
    allowances: tuple[Allowance, ...] = _many("BG-27 BG-28")
    price: Decimal | None = _absent("BT-146")
    price_discount: Decimal | None = _absent("BT-147")
    gross_price: Decimal | None = _absent("BT-148")
    base_quantity: Decimal | None = _absent("BT-149")
    base_unit: str = _text("BT-150")
    category: str = _text("BT-151")
    rate: Decimal | None = _absent("BT-152")
    name: str = _text("BT-153")
    description: str = _text("BT-154")
    seller_item: str = _text("BT-155")
    buyer_item: str = _text("BT-156")
    standard_item: Identifier | None = _absent("BT-157")
    classifications: tuple[Classification, ...] = _many("BT-158")
    origin: str = _text("BT-159")
    attributes: tuple[Attribute, ...] = _many("BG-32")


@dataclass(frozen=True, slots=True)
class Invoice:
    """The whole document."""

    number: str = _text("BT-1")
    issue_date: Day | None = _absent("BT-2")
    type_code: str = _text("BT-3")
    currency: str = _text("BT-5")
    tax_currency: str = _text("BT-6")
    tax_point_date: Day | None = _absent("BT-7")
    tax_point_code: str = _text("BT-8")
    due_date: Day | None = _absent("BT-9")
    buyer_reference: str = _text("BT-10")
    project: str = _text("BT-11")
    contract: str = _text("BT-12")
    order: str = _text("BT-13")
    sales_order: str = _text("BT-14")
    receiving_advice: str = _text("BT-15")
    despatch_advice: str = _text("BT-16")
    tender: str = _text("BT-17")
    object: Identifier | None = _absent("BT-18")
    accounting_reference: str = _text("BT-19")
    payment_terms: str = _text("BT-20")
    notes: tuple[Note, ...] = _many("BG-1")
    process: str = _text("BT-23")
    specification: str = _text("BT-24")
    preceding: tuple[Preceding, ...] = _many("BG-3")
    seller: Party | None = _absent("BG-4")
    buyer: Party | None = _absent("BG-7")
    payee: Party | None = _absent("BG-10")
    representative: Party | None = _absent("BG-11")
    delivery: Delivery | None = _absent("BG-13")
    period: Period | None = _absent("BG-14")
    payment: tuple[PaymentMeans, ...] = _many("BG-16")
    remittance: str = _text("BT-83")
    mandate: str = _text("BT-89")
    creditor: str = _text("BT-90")
    debited_account: str = _text("BT-91")
    allowances: tuple[Allowance, ...] = _many("BG-20 BG-21")
    total_lines: Decimal | None = _absent("BT-106")
    total_allowances: Decimal | None = _absent("BT-107")
    total_charges: Decimal | None = _absent("BT-108")
    total_net: Decimal | None = _absent("BT-109")
    total_tax: Decimal | None = _absent("BT-110")
    total_tax_accounting: Decimal | None = _absent("BT-111")
    total_gross: Decimal | None = _absent("BT-112")
    prepaid: Decimal | None = _absent("BT-113")
    rounding: Decimal | None = _absent("BT-114")
    payable: Decimal | None = _absent("BT-115")
    vat: tuple[VatBreakdown, ...] = _many("BG-23")
    attachments: tuple[Attachment, ...] = _many("BG-24")
    lines: tuple[Line, ...] = _many("BG-25")

    @property
    def is_credit_note(self) -> bool:
        return self.type_code in CREDIT_NOTES


def terms(group: type) -> dict[str, str]:
    """The norm's name of every field of a group.

    >>> terms(Preceding)
    {'number': 'BT-25', 'date': 'BT-26'}
    """
    return {one.name: one.metadata.get("term", "") for one in fields(group)}


def to_data(value: Any) -> Any:
    """The document as JSON has it; what is absent is left out.

    >>> to_data(Line(number="1", net=Decimal("2.50")))
    {'number': '1', 'net': '2.50'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        told = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: to_data(part) for name, part in told if not _is_absent(part)}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    if isinstance(value, Day):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _is_absent(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, str | tuple) and not value)


def from_data(group: type[T], data: Mapping[str, Any]) -> T:
    """The document that `to_data` wrote."""
    hints = get_type_hints(group)
    return group(**{name: _from(hints[name], value) for name, value in data.items() if name in hints})


def _from(hint: Any, value: Any) -> Any:
    if isinstance(hint, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        return tuple(_from(get_args(hint)[0], part) for part in value)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_data(hint, value)
    if hint is Decimal:
        return Decimal(value)
    return Day.fromisoformat(value) if hint is Day else value
