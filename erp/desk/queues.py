"""The queues of work: what belongs in each, for whom, and how one of its rows reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from base.roles import has_role
from base.ui import url_of
from erp.banking.models import Deposit
from erp.bills.models import Bill, BillStatus
from erp.fapiao.models import Fapiao
from erp.invoices.models import Invoice
from erp.ledger.models import Voucher, VoucherStatus
from erp.openings.models import OpeningItem
from erp.orders.models import Order
from erp.parties.models import Party
from erp.returns.models import Return, ReturnStatus
from integration.liaison.models import Amendment

SEE_ALL = ("auditor", "admin")


@dataclass(frozen=True)
class Row:
    """One piece of work as the desk shows it; `due` is the hour by which it should be done."""

    label: str
    url: str
    party: str
    text: str
    amount: Decimal | None
    currency: str
    since: datetime
    due: datetime | None = None

    @property
    def is_late(self) -> bool:
        """Its hour has passed."""
        return self.due is not None and self.due < timezone.now()


@dataclass(frozen=True)
class Queue:
    """A kind of work; `order` puts the oldest first, `listing` and `asked` are the address of the list of all of it."""

    name: str
    title: str | Promise
    about: str | Promise
    icon: str
    roles: tuple[str, ...]
    waiting: Callable[[Any], QuerySet[Any]]
    row: Callable[[Any], Row]
    listing: str
    asked: str = ""
    order: tuple[str, ...] = ("created_at", "pk")

    @property
    def url(self) -> str:
        """The list of all that waits."""
        return f"{url_of(self.listing)}?{self.asked}" if self.asked else url_of(self.listing)

    def concerns(self, user: Any) -> bool:
        """Is this the user's work, or may they look at all of it?"""
        return has_role(user, *self.roles, *SEE_ALL)


def _order_row(order: Order) -> Row:
    return Row(
        label=order.number,
        url=url_of("orders:detail", order.pk),
        party=order.party.name,
        text=order.reason,
        amount=order.net_total,
        currency=order.currency,
        since=order.created_at,
        due=_end_of(order.requested_on),
    )


def _limit_row(party: Party) -> Row:
    return Row(
        label=party.code,
        url=party.get_absolute_url(),
        party=party.name,
        text=party.limit_asked_by,
        amount=party.limit_asked,
        currency=party.company.base_currency,
        since=party.updated_at,
    )


def _invoice_row(invoice: Invoice) -> Row:
    return Row(
        label=invoice.number,
        url=url_of("invoices:detail", invoice.pk),
        party=invoice.party.name,
        text="",
        amount=invoice.open_amount,
        currency=invoice.currency,
        since=invoice.issued_at,
        due=_end_of(invoice.next_due),
    )


def _bill_row(bill: Bill) -> Row:
    return Row(
        label=bill.number,
        url=url_of("bills:detail", bill.pk),
        party=bill.party.name,
        text=bill.note,
        amount=bill.open_amount or bill.payable,
        currency=bill.currency,
        since=bill.created_at,
        due=_end_of(bill.next_due),
    )


def _opening_row(item: OpeningItem) -> Row:
    return Row(
        label=item.number,
        url=url_of("openings:detail", item.pk),
        party=item.party.name,
        text=item.get_side_display(),
        amount=item.open_amount,
        currency=item.currency,
        since=item.recorded_at,
        due=_end_of(item.due),
    )


def _deposit_row(deposit: Deposit) -> Row:
    return Row(
        label=deposit.reference or str(_("Deposit")),
        url=url_of("banking:deposit", deposit.pk) or url_of("banking:deposits"),
        party=deposit.party.name,
        text=deposit.reported_by,
        amount=deposit.reported_amount,
        currency=deposit.currency,
        since=deposit.created_at,
        due=deposit.due_at,
    )


def _return_row(goods_return: Return) -> Row:
    return Row(
        label=goods_return.number,
        url=url_of("returns:detail", goods_return.pk),
        party=goods_return.order.party.name,
        text=goods_return.reason,
        amount=None,
        currency="",
        since=goods_return.created_at,
    )


def _voucher_row(voucher: Voucher) -> Row:
    return Row(
        label=voucher.text,
        url=url_of("ledger:voucher", voucher.pk),
        party=voucher.created_by.get_full_name() or voucher.created_by.get_username(),
        text=voucher.journal.name,
        amount=voucher.sum_of_debits,  # type: ignore[attr-defined]
        currency="",
        since=voucher.created_at,
    )


def _fapiao_row(fapiao: Fapiao) -> Row:
    return Row(
        label=fapiao.invoice.number,
        url=url_of("fapiao:detail", fapiao.pk),
        party=fapiao.buyer_name,
        text=fapiao.refusal,
        amount=fapiao.gross,
        currency=fapiao.invoice.currency,
        since=fapiao.answered_at or fapiao.requested_at,
    )


def _end_of(day: Any) -> datetime | None:
    """Something wanted on a day is late when that day is over."""
    if day is None:
        return None
    last = datetime.combine(day, datetime.max.time())
    return timezone.make_aware(last)


def _returns(status: str) -> Callable[[Any], QuerySet[Return]]:
    return lambda user: Return.objects.visible_to(user).for_list().filter(status=status)


def _overdue(user: Any) -> QuerySet[Invoice]:
    return Invoice.objects.visible_to(user).overdue().select_related("party", "item")


def _to_approve(user: Any) -> QuerySet[Voucher]:
    """Creator and approver are two people."""
    waiting = Voucher.objects.visible_to(user).filter(status=VoucherStatus.SUBMITTED).exclude(created_by=user)
    return waiting.select_related("journal", "created_by").annotate(sum_of_debits=Sum("lines__debit"))


def _amendment_row(asked: Amendment) -> Row:
    return Row(
        label=f"#{asked.number}",
        url=asked.get_absolute_url(),
        party=asked.about,
        text=asked.cause,
        amount=None,
        currency="",
        since=asked.asked_at,
    )


QUEUES: tuple[Queue, ...] = (
    Queue(
        "held",
        _("Orders to release"),
        _("Held for a person: credit, or a price below the floor. Release, or refuse with a reason."),
        "hand-stop",
        ("order_desk", "accountant"),
        lambda user: Order.objects.visible_to(user).for_list().held(),
        _order_row,
        "orders:list",
        "status=held&ordering=ordered_on",
    ),
    Queue(
        "limits",
        _("Credit limits to approve"),
        _("Somebody asks for a larger limit; another person approves it or says why not."),
        "scale",
        ("accountant",),
        lambda user: Party.objects.visible_to(user).filter(limit_waits=True).select_related("company"),
        _limit_row,
        "parties:list",
        "limit_waits=true",
        order=("updated_at", "pk"),
    ),
    Queue(
        "mend",
        _("To mend"),
        _("The hub found something wrong in what we said. Mend it in its record, then tick it off."),
        "alert-triangle",
        ("order_desk", "accountant"),
        lambda user: Amendment.objects.visible_to(user).waiting(),
        _amendment_row,
        "liaison:amendments",
        "waiting=true",
        order=("asked_at", "pk"),
    ),
    Queue(
        "ship",
        _("Goods to ship"),
        _("Reserved for an accepted order and on the shelf."),
        "truck",
        ("warehouse",),
        lambda user: Order.objects.visible_to(user).for_list().to_ship(),
        _order_row,
        "shipping:waiting",
    ),
    Queue(
        "backorders",
        _("Backorders"),
        _("Promised, but not enough on the shelf; the next receipt goes to who waits longest."),
        "clock-hour-4",
        ("warehouse", "order_desk"),
        lambda user: Order.objects.visible_to(user).for_list().waiting_for_goods(),
        _order_row,
        "orders:list",
        "status=waiting&ordering=ordered_on",
    ),
    Queue(
        "invoice",
        _("Invoices to issue"),
        _("Shipped, and on no invoice yet."),
        "file-invoice",
        ("accountant",),
        lambda user: Order.objects.visible_to(user).for_list().to_invoice(),
        _order_row,
        "invoices:waiting",
    ),
    Queue(
        "deposits",
        _("Deposits to book"),
        _("Money the sales side heard of. The tax on it is due by the day it came in."),
        "pig-money",
        ("accountant",),
        lambda user: Deposit.objects.visible_to(user).waiting().select_related("party"),
        _deposit_row,
        "banking:deposits",
        "status=reported",
        ("due_at", "pk"),
    ),
    Queue(
        "overdue",
        _("Overdue invoices"),
        _("Open past their day: match a receipt, or remind the customer."),
        "calendar-due",
        ("accountant",),
        _overdue,
        _invoice_row,
        "invoices:list",
        "status=overdue&ordering=due",
        ("due", "pk"),
    ),
    Queue(
        "fapiaos",
        _("Fapiaos refused"),
        _("The provider said no: put right what it names and ask again, enter one issued by hand, or withdraw it."),
        "receipt-tax",
        ("accountant",),
        lambda user: Fapiao.objects.visible_to(user).to_mend().for_list(),
        _fapiao_row,
        "fapiao:list",
        "status=to_mend",
        ("answered_at", "pk"),
    ),
    Queue(
        "openings",
        _("Overdue opening items"),
        _("From before these books, open past their day: match a receipt, remind the customer, pay the supplier."),
        "calendar-due",
        ("accountant",),
        lambda user: OpeningItem.objects.visible_to(user).overdue().select_related("party"),
        _opening_row,
        "openings:list",
        "status=overdue&ordering=due",
        ("due", "pk"),
    ),
    Queue(
        "bills",
        _("Bills to post"),
        _("Written, and not in the books yet; their input tax counts from the posting."),
        "file-import",
        ("accountant",),
        lambda user: (
            Bill.objects.visible_to(user).filter(status=BillStatus.DRAFT).with_plan_due().select_related("party")
        ),
        _bill_row,
        "bills:list",
        "status=draft&ordering=due",
        ("due", "pk"),
    ),
    Queue(
        "pay",
        _("Bills to pay"),
        _("Posted and open; those past their day first."),
        "credit-card-pay",
        ("accountant",),
        lambda user: Bill.objects.visible_to(user).unpaid().with_plan_due().select_related("party"),
        _bill_row,
        "bills:list",
        "status=unpaid&ordering=due",
        ("due", "pk"),
    ),
    Queue(
        "authorise",
        _("Returns to decide"),
        _("Customers who want to send goods back."),
        "arrow-back-up",
        ("order_desk",),
        _returns(ReturnStatus.REQUESTED),
        _return_row,
        "returns:list",
        "status=requested",
    ),
    Queue(
        "receive",
        _("Returns on their way"),
        _("Authorised; the goods have yet to arrive."),
        "package-import",
        ("warehouse",),
        _returns(ReturnStatus.AUTHORISED),
        _return_row,
        "returns:list",
        "status=authorised",
    ),
    Queue(
        "settle",
        _("Returns to credit"),
        _("The goods are back; the customer waits for the credit note."),
        "receipt-refund",
        ("accountant",),
        _returns(ReturnStatus.RECEIVED),
        _return_row,
        "returns:list",
        "status=received",
    ),
    Queue(
        "vouchers",
        _("Vouchers to approve"),
        _("Written by somebody else and ready for the second pair of eyes."),
        "checks",
        ("accountant",),
        _to_approve,
        _voucher_row,
        "ledger:vouchers",
        "to_approve=true",
    ),
)
