"""Recurring vouchers and templates from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, ImportResource, Item, Number, Text, Whole, YesNo, register
from base.exchange.resources import words_by
from erp.ledger.models import Account, Journal
from erp.ledger.resources import refuse_unknown
from erp.ledger.roles import WRITERS
from erp.ledger.services import Line, company
from erp.recurring import services
from erp.recurring.models import RecurringVoucher
from erp.recurring.rhythm import Every
from erp.recurring.services import Pattern

HEAD = ("name", "text", "first_on", "every", "times", "spread", "reverse_next")
_ZERO = Decimal(0)


@register
class RecurringResource(ImportResource):
    """Rows with the same name are one pattern; what is due by today comes as drafts at once."""

    key = "recurring-vouchers"
    label = gettext_lazy("Recurring vouchers")
    about = gettext_lazy(
        "Patterns such as rent and depreciation. Rows with the same name are one. What is due by today is written as a draft."
    )
    icon = "repeat"
    model = RecurringVoucher
    roles = WRITERS
    match_on = (("name",),)
    document = "name"
    updatable = False
    parts = ("lines",)

    name = Column(
        gettext_lazy("Name"), Text(120), names="pattern template 名称 模板名称", required=True, sample="Office rent",
        match=True,
    )  # fmt: skip
    text = Column(
        gettext_lazy("Text"), names="description narration memo 摘要", required=True, sample="Rent {month}",
        help=gettext_lazy("{month} becomes 2026-11, {year} 2026."),
    )  # fmt: skip
    every = Column(
        gettext_lazy("How often"), Choice(Every.choices, month="monthly", quarter="quarterly", year="yearly|annually"),
        names="rhythm interval frequency 周期 频率", help=gettext_lazy("Every month, if left out."), sample="month",
    )  # fmt: skip
    first_on = Column(
        gettext_lazy("First day"), Day(), names="from start startdate firstdate 首次日期 开始日期", required=True,
        sample="2026-12-31",
    )  # fmt: skip
    times = Column(
        gettext_lazy("How many times"), Whole(1, 32767), names="occurrences count 次数",
        help=gettext_lazy("Empty: until you end it."),
    )  # fmt: skip
    spread = Column(gettext_lazy("Spread the amounts"), YesNo(), names="distribute 分摊", sample="no")
    reverse_next = Column(
        gettext_lazy("Reverse on the first of the next month"), YesNo(), names="accrual reverse 次月冲回", sample="no"
    )
    journal = Column(
        gettext_lazy("Journal"), Text(20), names="book 凭证类型", help=gettext_lazy("“general”, if left out."),
        sample="general",
    )  # fmt: skip
    account = Column(
        gettext_lazy("Account"), Text(20), names="accountcode code 科目代码 科目编码 科目", required=True, sample="6100",
        line=True,
    )  # fmt: skip
    debit = Column(
        gettext_lazy("Debit"), Number(2), names="dr debitamount 借方 借方金额", sample=Decimal("900.00"), line=True
    )  # fmt: skip
    credit = Column(gettext_lazy("Credit"), Number(2), names="cr creditamount 贷方 贷方金额", line=True)
    party = Column(gettext_lazy("Party"), Text(20), names="partycode customer supplier 往来单位", line=True)
    tax_code = Column(
        gettext_lazy("Tax"), Text(20), names="taxcode 税码 税", line=True,
        help=gettext_lazy("As on the page: class and rate, such as standard:19."),
    )  # fmt: skip
    line_text = Column(gettext_lazy("Text of the line"), names="linetext linedescription 行摘要", line=True)
    cost_centre = Column(gettext_lazy("Cost centre"), Text(20), names="costcentre costcenter 成本中心", line=True)
    project = Column(gettext_lazy("Project"), Text(20), names="projectcode 项目", line=True)

    def rows(self) -> QuerySet[RecurringVoucher]:
        return RecurringVoucher.objects.with_all().filter(company=company())

    def prepare(self, items: Sequence[Item]) -> None:
        journals = words_by(Journal.objects.filter(company=company()), "code", "name", "name_zh")
        codes = {text for item in items for line in item.lines if isinstance(text := line.get("account"), str)}
        for item in items:
            item.values.setdefault("journal", "general")
        self.resolve(items, "journal", journals)
        accounts = Account.objects.filter(company=company(), code__in=codes)
        self.resolve(items, "account", words_by(accounts, "code"), line=True)
        refuse_unknown(items)
        for item in items:
            difference = sum((line.get("debit", _ZERO) - line.get("credit", _ZERO) for line in item.lines), _ZERO)
            if difference:
                item.refuse("debit", _("Debits and credits differ by {difference}.").format(difference=difference))

    def current(self, record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in (*HEAD, "journal")}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = [(line.account, line.debit, line.credit) for line in record.lines.all()]
        told = [(line["account"], line.get("debit", _ZERO), line.get("credit", _ZERO)) for line in item.lines]
        if there != told:
            item.refuse("name", _("It is here already with other lines."))
        return super().changes(item, record)

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "journal" and value is not None else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._write(item) for item in items]

    def _write(self, item: Item) -> RecurringVoucher:
        told = item.values
        pattern = Pattern(**{name: told[name] for name in HEAD if name in told}, journal=told["journal"].code)
        made = services.write(self.user, pattern, [_line(line) for line in item.lines])
        made.refresh_from_db()  # what was due is counted on it already
        return made

    def remove(self, record: Any) -> None:
        services.remove(record, self.user)


def _line(told: dict[str, Any]) -> Line:
    return Line(
        account=told["account"].code,
        debit=told.get("debit", _ZERO),
        credit=told.get("credit", _ZERO),
        party=told.get("party") or None,
        tax_code=told.get("tax_code") or None,
        text=told.get("line_text", ""),
        cost_centre=told.get("cost_centre") or None,
        project=told.get("project") or None,
    )
