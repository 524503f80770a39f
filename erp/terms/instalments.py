"""What a document asks in parts, alike for sales invoices and suppliers' bills; each keeps its own in its own table.

What is paid settles the parts in their order, so what is open of each follows from the document and is kept nowhere.
"""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import amount_field

ZERO = Decimal("0.00")


def plan_due(instalments: QuerySet[Any], paid: Any) -> Subquery:
    """Of a document with `instalments`, of which so much is paid, the day of the first that is not; else nothing."""
    return Subquery(instalments.filter(until__gt=paid).order_by("position").values("due")[:1])


def late(on: Day) -> Q:
    """Documents with their `plan_due` of which something was to be paid before that day."""
    return Q(due__lt=on) & (Q(plan_due=None) | Q(plan_due__lt=on))


class AsksInParts:
    """A document with `payable`, `settled_amount` and `due`, which is the first of its days."""

    due: Any
    open_amount: Any
    settled_amount: Any
    instalments: Any

    @property
    def next_due(self) -> Day:
        """Until when the next of it is to be paid; of one that is paid, until when all was."""
        told = self.__dict__
        if "plan_due" in told:
            return told["plan_due"] or self.due
        return next((one.due for one in self.instalments.all() if one.until > self.settled_amount), self.due)

    @property
    def is_late(self) -> bool:
        """Open past its day, or that of an instalment."""
        today = timezone.localdate()
        return bool(self.open_amount > 0 and self.due < today and self.next_due < today)


class Instalment(models.Model):
    """A part of what is asked and its day; a document that asks all at once has none. Written once, with it."""

    OF = ""
    """The field of its document."""

    position = models.PositiveSmallIntegerField(_("position"))
    due = models.DateField(_("due"))
    amount = amount_field(_("amount"))
    until = amount_field(_("up to this day"))

    class Meta:
        abstract = True

    @property
    def document(self) -> Any:
        """What it is a part of."""
        return getattr(self, self.OF)

    def __str__(self) -> str:
        return f"{self.document} {self.position}"

    @property
    def open_amount(self) -> Decimal:
        """What of it is not paid: payments settle those due first."""
        return min(self.amount, max(self.until - self.document.settled_amount, ZERO))

    @property
    def is_overdue(self) -> bool:
        """Open past its day."""
        return self.open_amount > 0 and self.due < timezone.localdate()
