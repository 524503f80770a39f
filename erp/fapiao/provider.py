"""What carries requests to the tax bureau and brings its answers: the words between us and any provider.

A provider is a class that `FAPIAO_PROVIDER` names. It may hear of the same request twice, known by its id, and may
bring the same answer twice: neither changes anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, Self
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp.fapiao import amounts
from erp.fapiao.amounts import Amounts
from erp.fapiao.models import Fapiao, RedReason
from erp.invoices.models import InvoiceLine, LineKind

# The reasons as the bureau numbers them.
REASON_CODES = {
    RedReason.INVOICING_ERROR: "01",
    RedReason.SALES_RETURN: "02",
    RedReason.SERVICE_TERMINATED: "03",
    RedReason.SALES_ALLOWANCE: "04",
}
_CLOSED = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Answer(BaseModel):
    """What came of a request: a number, or a reason."""

    model_config = _CLOSED

    request: UUID
    result: Literal["issued", "refused"]
    number: str = Field("", max_length=40)
    code: str = Field("", max_length=40)
    issued_on: date | None = None
    link: str = Field("", max_length=500)
    reason: str = Field("", max_length=2000)

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Self:
        if self.result == "issued" and not (self.number and self.issued_on):
            raise ValueError("an issued fapiao has a number and issued_on")
        if self.result == "refused" and not self.reason:
            raise ValueError("a refusal has a reason")
        if "\x00" in self.reason + self.link:
            raise ValueError("no text has a zero byte")
        return self


@dataclass(frozen=True)
class Brought:
    """Something that came from the provider: an answer, or why it is none."""

    name: str
    answer: Answer | None
    why: str = ""

    @property
    def told(self) -> str:
        """The name as it can be written down: a file's may be no text at all."""
        return self.name.encode("utf-8", "replace").decode().replace("\x00", "")


class Provider(Protocol):
    """Who knows the tax bureau."""

    def request(self, issue: dict[str, Any]) -> None:
        """Ask for a fapiao; the same request again is the same one. Raises OSError when it cannot be handed over."""

    def collect(self) -> Iterator[Brought]:
        """What came since; each stays until it is taken or put aside."""

    def take(self, brought: Brought) -> None:
        """It is in the register; it need not come again."""

    def put_aside(self, brought: Brought, why: str) -> None:
        """Nobody here can do anything with it: keep it for a person, with the reason."""


def provider() -> Provider:
    """The one that this deployment uses."""
    made: Provider = import_string(settings.FAPIAO_PROVIDER)()
    return made


def issue_of(fapiao: Fapiao) -> dict[str, Any]:
    """All that a provider needs to know, in words that are written the same each time. Amounts are texts."""
    said: Amounts = {(one.tax_class, one.rate): (one.net, one.tax) for one in fapiao.amounts.all()}
    blue = fapiao.reverses
    return {
        "request": str(fapiao.pk),
        "colour": fapiao.colour,
        "kind": fapiao.kind,
        "invoice": fapiao.invoice.number,
        "invoice_date": fapiao.invoice.date.isoformat(),
        "currency": fapiao.invoice.currency,
        "seller": {"name": fapiao.seller_name, "tax_number": fapiao.seller_tax_number},
        "buyer": {
            "name": fapiao.buyer_name,
            "tax_number": fapiao.buyer_tax_number,
            "address": list(fapiao.invoice.addressee.get("address") or []),
        },
        "reverses": None
        if blue is None
        else {"code": blue.code, "number": blue.number, "issued_on": f"{blue.issued_on}", "request": str(blue.pk)},
        "reason": {"code": REASON_CODES[RedReason(fapiao.reason)], "name": fapiao.reason} if fapiao.is_red else None,
        "credit_note": fapiao.credit_note.number if fapiao.credit_note else "",
        "remark": fapiao.remark,
        "items": _items(fapiao, said),
        "taxes": [
            {"tax_class": tax_class, "rate": _plain(rate), "net": f"{net}", "tax": f"{tax}"}
            for (tax_class, rate), (net, tax) in sorted(said.items())
        ],
        "net": f"{fapiao.net}",
        "tax": f"{fapiao.tax}",
        "gross": f"{fapiao.gross}",
    }


def _items(fapiao: Fapiao, said: Amounts) -> list[dict[str, str]]:
    """The goods, as invoice or credit note name them; the rates alone where a rest is taken back."""
    sign, lines = -1 if fapiao.is_red else 1, fapiao.invoice.lines.exclude(kind=LineKind.DEPOSIT)
    if fapiao.credit_note is not None:
        lines = amounts.lines_of_credit_note(fapiao.credit_note, fapiao.invoice)
    elif fapiao.is_red and said != amounts.negative(amounts.of_invoice(fapiao.invoice)):
        return []
    return [_item(line, sign) for line in lines.select_related("order_line__product").order_by("position")]


def _item(line: InvoiceLine, sign: int) -> dict[str, str]:
    product = line.order_line.product if line.order_line is not None else None
    return {
        "sku": line.sku,
        "name": line.description or line.sku,
        "unit": product.unit if product is not None else "",
        "quantity": _plain(sign * line.quantity),
        "net": f"{sign * line.net}",
        "tax_class": line.tax_class,
        "rate": _plain(line.rate),
        "tax": f"{sign * line.tax}",
    }


def _plain(number: Any) -> str:
    return f"{number.normalize() + 0:f}"
