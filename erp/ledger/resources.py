"""The chart of accounts and vouchers from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, ImportResource, Item, Number, Text, YesNo, register
from base.exchange.resources import Key, words_by
from erp.ledger import charting, dimensioning, services, vouchers
from erp.ledger.dimensions import by_code
from erp.ledger.journals.resource import JournalResource
from erp.ledger.models import Account, AccountType, Dimension, DimensionKind, Journal, Voucher
from erp.ledger.refusals import UNKNOWN, AccountUnknown
from erp.ledger.services import Line

__all__ = ["ChartResource", "DimensionResource", "JournalResource", "VoucherResource"]
_NAMES = UUID("9b0f6c1e-58d7-5f0e-8a3c-2f7f8a1f5f60")
_ZERO = Decimal(0)


def refuse_unknown(items: Sequence[Item]) -> None:
    """Cost centres and projects of lines are those that are here."""
    for kind, unknown in UNKNOWN.items():
        told = [(item, code) for item in items for line in item.lines if (code := line.get(kind))]
        known = by_code(services.company(), kind, [code for _item, code in told])
        for item, code in told:
            if code not in known:
                item.refuse(kind, unknown(code=code))


@register
class ChartResource(ImportResource):
    """Accounts and headings of the chart."""

    key = "chart"
    label = gettext_lazy("Chart of accounts")
    about = gettext_lazy("Accounts and headings. Roles and control accounts are set by an admin.")
    icon = "list-tree"
    model = Account
    roles = vouchers.WRITERS
    match_on = (("code",),)
    at_once = True

    code = Column(
        gettext_lazy("Code"),
        Text(20),
        names="account number accountcode 科目代码 科目编码 编码",
        required=True,
        sample="6601",
        match=True,
    )
    name = Column(
        gettext_lazy("Name"),
        Text(120),
        names="accountname nameen english 科目名称 名称 英文名称",
        required=True,
        sample="Travel",
    )
    name_zh = Column(gettext_lazy("Name in Chinese"), Text(120), names="namezh chinese 中文名称 中文", sample="差旅费")
    type = Column(
        gettext_lazy("Type"), Choice(AccountType.choices, asset="assets|资产类", liability="liabilities|负债类", equity="owners equity|权益类|所有者权益类|所有者权益", income="revenue|收入类", expense="cost|costs|expenses|费用类|成本类|损益类"),
        names="class category 类别 科目类别 科目类型", required=True, sample="expense",
    )  # fmt: skip
    parent = Column(
        gettext_lazy("Heading"),
        names="parentcode group 上级科目 上级代码",
        help=gettext_lazy("Code of a heading that is here, or in a row before."),
    )
    is_group = Column(gettext_lazy("Heading only"), YesNo(), names="heading isheading 是否汇总", sample="no")
    initials = Column(gettext_lazy("Initials"), Text(20), names="mnemonic 助记码", sample="tra")
    active = Column(gettext_lazy("Active"), YesNo(), names="enabled 启用")
    cost_centre_from = Column(
        gettext_lazy("Cost centre required from"), Day(), names="costcentrefrom 成本中心必填自",
        help=gettext_lazy("Lines of that day and later need one."),
    )  # fmt: skip
    project_from = Column(
        gettext_lazy("Project required from"), Day(), names="projectfrom 项目必填自",
        help=gettext_lazy("Lines of that day and later need one."),
    )  # fmt: skip

    def rows(self) -> QuerySet[Account]:
        return Account.objects.filter(company=services.company()).select_related("parent")

    def prepare(self, items: Sequence[Item]) -> None:
        """Headings of the same chunk are resolved when the rows are made, in their order."""
        own = {item.values.get("code") for item in items}
        later = [item for item in items if item.values.get("parent") not in own]
        texts = {text for item in later if isinstance(text := item.values.get("parent"), str)}
        self.resolve(later, "parent", words_by(self.rows().filter(code__in=texts), "code"))

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        told = dict(item.values)
        if isinstance(told.get("parent"), str):
            told["parent"] = self.rows().filter(code=told["parent"]).first() or told["parent"]
        now = self.current(record)
        return {name: value for name, value in told.items() if now.get(name) != value}

    def render(self, name: str, value: Any) -> str:
        return getattr(value, "code", value) or "" if name == "parent" else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [charting.open_account(**self._with_parent(item.values)) for item in items]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return charting.change_account(record, **self._with_parent(changes))

    def remove(self, record: Any) -> None:
        charting.remove_account(record)

    def _with_parent(self, values: dict[str, Any]) -> dict[str, Any]:
        told = dict(values)
        if isinstance(told.get("parent"), str):
            code = told["parent"]
            told["parent"] = self.rows().filter(code=code).first() if code else None
            if code and told["parent"] is None:
                raise AccountUnknown(line=1, account=code)
        return told


@register
class DimensionResource(ImportResource):
    """Cost centres and projects; known again by kind and code."""

    key = "dimensions"
    label = gettext_lazy("Cost centres and projects")
    about = gettext_lazy("What lines of the books are told apart by beside their account.")
    icon = "list-tree"
    model = Dimension
    roles = vouchers.WRITERS
    match_on = (("kind", "code"),)
    at_once = True

    kind = Column(
        gettext_lazy("Kind"), Choice(DimensionKind.choices, cost_centre="cost center|costcentre|costcenter|成本中心", project="项目"),
        names="type dimension 类别 类型 维度", required=True, sample="cost_centre", match=True,
    )  # fmt: skip
    code = Column(
        gettext_lazy("Code"), Text(20), names="number 编码 代码 编号", required=True, sample="CC10", match=True
    )
    name = Column(gettext_lazy("Name"), Text(120), names="nameen english 名称 英文名称", required=True, sample="Sales")
    name_zh = Column(gettext_lazy("Name in Chinese"), Text(120), names="namezh chinese 中文名称 中文", sample="销售部")
    parent = Column(
        gettext_lazy("Belongs to"), Text(20), names="parentcode group above 上级 上级编码",
        help=gettext_lazy("Code of one that is here, or in a row before."),
    )  # fmt: skip
    initials = Column(gettext_lazy("Initials"), Text(20), names="mnemonic 助记码", sample="sal")
    active = Column(gettext_lazy("Active"), YesNo(), names="enabled 启用")

    def rows(self) -> QuerySet[Dimension]:
        return Dimension.objects.filter(company=services.company()).select_related("parent")

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "parent": record.parent.code if record.parent else ""}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [dimensioning.open_dimension(by=self.user, **item.values) for item in items]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return dimensioning.change_dimension(record, self.user, **changes)

    def remove(self, record: Any) -> None:
        dimensioning.remove_dimension(record, self.user)


@register
class VoucherResource(ImportResource):
    """Vouchers: rows with the same reference are one voucher, a draft to be posted."""

    key = "vouchers"
    label = gettext_lazy("Vouchers")
    about = gettext_lazy("Rows with the same reference are one voucher. It becomes a draft; posting stays with people.")
    icon = "pencil"
    model = Voucher
    roles = vouchers.WRITERS
    match_on = (("reference",),)
    document = "reference"
    updatable = False
    parts = ("lines",)

    reference = Column(
        gettext_lazy("Voucher"),
        Text(80),
        names="reference voucherno entry number 凭证号 凭证字号",
        required=True,
        sample="RENT-01",
        match=True,
    )
    date = Column(
        gettext_lazy("Date"), Day(), names="postingdate entrydate 日期 凭证日期", required=True, sample="2026-01-01"
    )
    text = Column(
        gettext_lazy("Text"), names="description narration memo 摘要", required=True, sample="Rent of January"
    )
    journal = Column(
        gettext_lazy("Journal"),
        Text(20),
        names="book 凭证类型",
        help=gettext_lazy("“general”, if left out."),
        sample="general",
    )
    account = Column(
        gettext_lazy("Account"),
        Text(20),
        names="accountcode code 科目代码 科目编码 科目",
        required=True,
        sample="1002",
        line=True,
    )
    debit = Column(
        gettext_lazy("Debit"), Number(2), names="dr debitamount 借方 借方金额", sample=Decimal("1000.00"), line=True
    )
    credit = Column(gettext_lazy("Credit"), Number(2), names="cr creditamount 贷方 贷方金额", line=True)
    party = Column(gettext_lazy("Party"), Text(20), names="partycode customer supplier 往来单位", line=True)
    due = Column(gettext_lazy("Due"), Day(), names="duedate 到期日", line=True)
    tax_code = Column(
        gettext_lazy("Tax"), Text(20), names="taxcode 税码 税", line=True,
        help=gettext_lazy("As on the page: class and rate, such as standard:19."),
    )  # fmt: skip
    line_text = Column(gettext_lazy("Text of the line"), names="linetext linedescription 行摘要", line=True)
    cost_centre = Column(gettext_lazy("Cost centre"), Text(20), names="costcentre costcenter 成本中心", line=True)
    project = Column(gettext_lazy("Project"), Text(20), names="projectcode 项目", line=True)

    def rows(self) -> QuerySet[Voucher]:
        return Voucher.objects.select_related("journal", "entry").prefetch_related("lines__account")

    def prepare(self, items: Sequence[Item]) -> None:
        journals = words_by(Journal.objects.filter(company=services.company()), "code", "name", "name_zh")
        wanted = {line["account"] for item in items for line in item.lines if line.get("account")}
        known = set(Account.objects.filter(company=services.company(), code__in=wanted).values_list("code", flat=True))
        refuse_unknown(items)
        for item in items:
            item.values.setdefault("journal", "general")
            difference = _ZERO
            for place, line in enumerate(item.lines, 1):
                difference += line.get("debit", _ZERO) - line.get("credit", _ZERO)
                if line.get("account") not in known:
                    item.refuse("account", _("“{text}” is not known here.").format(text=line.get("account", "")))
                if bool(line.get("debit")) == bool(line.get("credit")):
                    item.refuse("debit", _("Line {line} needs a debit or a credit, and not both.").format(line=place))
            if difference:
                item.refuse("debit", _("Debits and credits differ by {difference}.").format(difference=difference))
        self.resolve(items, "journal", journals)

    def current(self, record: Any) -> dict[str, Any]:
        return {"date": record.date, "text": record.text, "journal": record.journal}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = [(line.account.code, line.debit, line.credit) for line in record.lines.all()]
        told = [(line["account"], line.get("debit", _ZERO), line.get("credit", _ZERO)) for line in item.lines]
        if there != told:
            item.refuse("reference", _("It is here already with other lines."))
        now = self.current(record)
        return {name: value for name, value in item.values.items() if name in now and now[name] != value}

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "journal" and value is not None else super().render(name, value)

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {_identity(key[0]): key for key in keys}
        return {wanted[voucher.pk]: [voucher] for voucher in self.rows().filter(pk__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [
            vouchers.write(
                self.user,
                told["journal"].code,
                told["date"],
                told["text"],
                [_line(line) for line in item.lines],
                identity=_identity(told["reference"]),
            )
            for item in items
            for told in [item.values]
        ]

    def remove(self, record: Any) -> None:
        vouchers.discard(record, self.user)

    def named(self, record: Any) -> str:
        return str(record.text)


def _line(told: dict[str, Any]) -> Line:
    return Line(
        account=told["account"],
        debit=told.get("debit", _ZERO),
        credit=told.get("credit", _ZERO),
        party=told.get("party") or None,
        due=told.get("due"),
        tax_code=told.get("tax_code") or None,
        text=told.get("line_text", ""),
        cost_centre=told.get("cost_centre") or None,
        project=told.get("project") or None,
    )


def _identity(reference: str) -> UUID:
    """The same reference is the same voucher."""
    return uuid5(_NAMES, f"{services.company().pk}:{reference}")
