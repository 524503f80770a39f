"""Balance assertions of a journal against its own transactions, and against the books that came of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.ledger.journals.told import Assertion, Journal
from erp.ledger.journals.weighing import BookLine, Verdict, is_below, verdicts
from erp.ledger.models import Account, Company
from erp.ledger.reports import sums

ZERO = Decimal(0)
Tried = tuple[date, list[BookLine]]


class Checks:
    """What a journal says must hold, ready to be looked at."""

    def __init__(self, journal: Journal, company: Company) -> None:
        self.journal, self.company = journal, company
        self.standings: dict[date, dict[str, Decimal]] = {}
        self.last: dict[str, dict[date, int]] = defaultdict(dict)  # of each account and day, the line of its last leg
        self.mixed: set[str] = set()  # accounts that hold something beside base currency
        for one in sorted(journal.transactions, key=lambda one: one.date):
            for leg in one.legs:
                self.last[leg.account][one.date] = leg.line
                if leg.units and leg.units.commodity != company.base_currency:
                    self.mixed.add(leg.account)

    def failed(self, meant: dict[str, str], tried: Iterable[Tried]) -> Iterator[tuple[Assertion, str]]:
        """Every assertion and why it does not hold, or nothing.

        `meant`: names of the file and codes of their accounts; `tried`: what a dry run has taken back again.
        """
        kept = list(tried)
        for verdict in verdicts(self.journal):
            yield verdict.assertion, self._why(verdict, meant, kept)

    def _why(self, verdict: Verdict, meant: dict[str, str], tried: list[Tried]) -> str:
        claim = verdict.assertion
        told = {"account": claim.account, "amount": claim.amount, "date": claim.date}
        if not verdict.holds:
            return _("{account} is said to have {amount} on {date}; the file's transactions come to {found}.").format(
                found=f"{verdict.found:f}", **told
            )
        books = self._books(claim, meant, tried)
        if books is None or abs(books - claim.amount.number) <= claim.tolerance:
            return ""
        return _(
            "{account} is said to have {amount} on {date}; the books come to {found}: they have other entries there, "
            "or transactions of the file were not taken over."
        ).format(found=f"{books:f}", **told)

    def _books(self, claim: Assertion, meant: dict[str, str], tried: list[Tried]) -> Decimal | None:
        """What the books say of the accounts that are meant; None where theirs is another measure than the claim's."""
        names = [
            name for name in self.last if (is_below(name, claim.account) if claim.whole else name == claim.account)
        ]
        if claim.amount.commodity != self.company.base_currency or self.mixed.intersection(names):
            return None
        if claim.after and any(self.last[name].get(claim.date, claim.after) != claim.after for name in names):
            return None  # later on the same day the account moves on
        day = claim.date if claim.after else claim.date - timedelta(days=1)
        codes = {meant[name] for name in names if name in meant}
        books = sum((self._standing(day).get(code, ZERO) for code in codes), ZERO)
        lines = (line for on, lines in tried if on <= day for line in lines)
        return books + sum((line.amount for line in lines if line.account in names), ZERO)

    def _standing(self, day: date) -> dict[str, Decimal]:
        """Every account's balance at the end of that day."""
        if day not in self.standings:
            codes = dict(Account.objects.filter(company=self.company).values_list("pk", "code"))
            moved = sums(self.company, day)
            self.standings[day] = {codes[pk]: told.debit - told.credit for pk, told in moved.items() if pk in codes}
        return self.standings[day]
