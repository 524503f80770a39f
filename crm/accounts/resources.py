"""Accounts and contacts from files."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, ImportResource, Item, Person, Text, register
from base.exchange.resources import nearest, words_by
from crm.accounts import services
from crm.accounts.custom_files import CustomResource
from crm.accounts.likeness import name_match, phone_match
from crm.accounts.models import Account, AccountKind, Contact, Tier
from crm.accounts.phones import country_names
from crm.accounts.tag_files import TaggedResource, tags_column

IMPORTERS = ("rep", "manager", "admin")
# What companies usually do, as lists of them call it; a word one letter off is asked about.
INDUSTRIES = (
    "agriculture", "automotive", "banking", "chemicals", "construction", "consulting", "education", "employment",
    "energy", "entertainment", "finance", "food", "healthcare", "hospitality", "insurance", "logistics",
    "manufacturing", "marketing", "media", "medical", "pharmaceuticals", "real estate", "retail", "services",
    "software", "technology", "telecommunications", "tourism", "transportation", "wholesale",
)  # fmt: skip


def account_column(also: str = "", **more: Any) -> Column:
    """Which account a row is about; `also` are more heads by which files call it."""
    return Column(
        gettext_lazy("Account"),
        names=f"company companyname accountname customer customername customerid 公司 公司名称 客户 客户名称 {also}".strip(),
        required=True,
        sample="Alfreds Futterkiste",
        help=gettext_lazy("Name or reference of an account that is here."),
        **more,
    )


def contact_column() -> Column:
    """Who of the account a row is about."""
    return Column(
        gettext_lazy("Contact"),
        names="contactname person 联系人",
        help=gettext_lazy("Name of a person of the account."),
    )


@register
class AccountResource(TaggedResource):
    """Companies and people we sell to."""

    custom_of = "account"

    key = "accounts"
    label = gettext_lazy("Accounts")
    about = gettext_lazy("Companies and people you sell to.")
    icon = "building"
    model = Account
    roles = IMPORTERS
    match_on = (("external_ref",), ("name",))
    has_lookalikes = True

    name = Column(
        gettext_lazy("Name"),
        names="company companyname account accountname customer customername firm organisation organization 公司 公司名称 "
        "firma kunde 客户 客户名称 名称 企业名称 单位名称",
        required=True,
        sample="Alfreds Futterkiste",
        match=True,
        lookup="name_key",
        fold=True,
    )
    external_ref = Column(
        gettext_lazy("Reference elsewhere"),
        names="id customerid accountid reference ref code number customernumber 编号 客户编号 客户代码 编码",
        sample="ALFKI",
        help=gettext_lazy("Its code in the system it came from; the surest way to recognise it next time."),
        match=True,
    )
    kind = Column(
        gettext_lazy("Kind"),
        Choice(AccountKind.choices, company="firm|organisation|企业|公司", person="individual|private|个人"),
        names="type 类型 客户类型",
        sample="company",
    )
    phone = Column(
        gettext_lazy("Phone"),
        names="telephone telefon tel phonenumber mobile 电话 手机 联系电话",
        sample="030-0074321",
        match=True,
    )
    email = Column(
        gettext_lazy("E-mail"),
        names="email mail emailaddress 邮箱 电子邮件",
        sample="info@alfreds.example",
        match=True,
        fold=True,
    )
    website = Column(gettext_lazy("Website"), names="homepage url web 网址 网站", sample="https://alfreds.example")
    street = Column(
        gettext_lazy("Street"), names="address address1 straße strasse 地址 街道 详细地址", sample="Obere Str. 57"
    )
    postal_code = Column(gettext_lazy("Postal code"), names="zip zipcode postcode plz 邮编 邮政编码", sample="12209")
    city = Column(gettext_lazy("Town"), names="place ort 城市 市", sample="Berlin", match=True)
    region = Column(gettext_lazy("Region"), names="state province county 省 省份 地区 州", sample="")
    country = Column(gettext_lazy("Country"), names="countryregion officelocation land 国家", sample="Germany")
    tax_id = Column(
        gettext_lazy("Tax id"),
        names="vat vatid vatnumber taxnumber ustid 税号 纳税人识别号 统一社会信用代码",
        match=True,
    )
    industry = Column(gettext_lazy("Industry"), Text(100), names="sector branch 行业", sample="Food")
    tier = Column(gettext_lazy("Service tier"), Choice(Tier.choices, vip="VIP"), names="servicelevel level 客户等级")
    tags = tags_column()
    owner = Column(
        gettext_lazy("Owner"),
        Person(),
        names="salesperson salesagent accountmanager rep 负责人 业务员 销售员",
        help=gettext_lazy("User name, e-mail or full name of a colleague; you, if left out."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._alike: dict[str, str] = {}

    def rows(self) -> QuerySet[Account]:
        return Account.objects.visible_to(self.user).select_related("owner")

    def prepare(self, items: Sequence[Item]) -> None:
        """Words that look like a slip are asked about; what nobody answers stays as the file has it."""
        self.spell(items)
        for item in items:
            for name in ("country", "industry"):
                told = item.values.get(name, "")
                if told and told.casefold() not in (there := self._words(name)) and (near := self._near(told, there)):
                    item.wonder(name, told, near)

    def _words(self, name: str) -> dict[str, str]:
        return country_names() if name == "country" else self._industries

    @cached_property
    def _industries(self) -> dict[str, str]:
        """Lower case → as it is written: those that are here already, and the common ones."""
        there = Account.objects.exclude(industry="").order_by().values_list("industry", flat=True).distinct()
        return {word.casefold(): word for word in (*INDUSTRIES, *there)}

    def _near(self, told: str, words: dict[str, str]) -> str:
        if told not in self._slips:
            self._slips[told] = words.get(nearest(told, words), "")
        return self._slips[told]

    @cached_property
    def _slips(self) -> dict[str, str]:
        return {}

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "external_ref": record.external_ref or ""}

    def may_change(self, record: Any) -> bool:
        return bool(record.writable_by(self.user))

    def create(self, items: Sequence[Item]) -> list[Any]:
        return services.create_accounts([{"owner": self.user, **self.folded(item.values)} for item in items])

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        if changes.get("owner", record.owner) != record.owner:
            services.refuse_unheld(record, self.user)
        return services.update_account(record, **self.folded(changes))

    def remove(self, record: Any) -> None:
        services.remove_account(record)

    def lookalikes(self, items: Sequence[Item]) -> None:
        """The same core of a name, phone or e-mail: in the books, or in a row before."""
        marks = {id(item): _marks(item.values) for item in items}
        there = self._there({mark for found in marks.values() for mark in found})
        for item in items:
            for mark, what in marks[id(item)].items():
                if other := there.get(mark) or self._alike.get(mark):
                    item.outcome = "duplicate"
                    item.reasons.append((what, _("Looks like {other}.").format(other=other)))
                    break
            for mark in marks[id(item)]:
                self._alike.setdefault(mark, _("row {row}").format(row=item.number))

    def _there(self, marks: set[str]) -> dict[str, str]:
        """Accounts with these marks; one that the user may not see is not named."""
        kinds: dict[str, set[str]] = {"n": set(), "p": set(), "e": set()}
        for mark in marks:
            kinds[mark[0]].add(mark[2:])
        # Each mark by the index that serves it; asked together, a long table would be read as a whole.
        rows = Account.objects.order_by()
        by_name, by_phone, by_email = (
            asked.values_list("pk", "name", "name_match", "phone_match", "email")
            for asked in (
                rows.filter(name_match__in=kinds["n"]),
                rows.filter(phone_match__in=kinds["p"]).exclude(phone_match=""),
                rows.alias(folded=Lower("email")).filter(folded__in=kinds["e"]).exclude(email=""),
            )
        )
        found = list(by_name.union(by_phone, by_email))
        mine = set(self.rows().filter(pk__in=[one[0] for one in found]).values_list("pk", flat=True))
        there: dict[str, str] = {}
        for pk, name, core, digits, email in found:
            named = f"“{name}”" if pk in mine else _("an account of somebody else")
            for mark in (f"n:{core}", f"p:{digits}", f"e:{email.casefold()}"):
                if len(mark) > 2:
                    there[mark] = named
        return there


def _marks(values: dict[str, Any]) -> dict[str, str]:
    """By what an account may be recognised, each with the column that says so."""
    marks = {
        f"n:{name_match(values.get('name', ''))}": "name",
        f"e:{values.get('email', '').casefold()}": "email",
        f"p:{phone_match(values.get('phone', ''))}": "phone",
    }
    return {mark: what for mark, what in marks.items() if len(mark) > 2}


@register
class ContactResource(CustomResource):
    """People who work at our accounts."""

    custom_of = "contact"

    key = "contacts"
    label = gettext_lazy("Contacts")
    about = gettext_lazy("People who work at your accounts; the accounts come first.")
    icon = "users"
    model = Contact
    roles = IMPORTERS
    match_on = (("account", "name"), ("email",))

    account = account_column(also="客户编号", match=True, lookup="account")
    name = Column(
        gettext_lazy("Name"),
        names="contact contactname fullname person ansprechpartner 联系人 姓名",
        required=True,
        sample="Maria Anders",
        match=True,
        fold=True,
    )
    title = Column(
        gettext_lazy("Position"), names="contacttitle jobtitle role function 职务 职位", sample="Sales Representative"
    )
    email = Column(
        gettext_lazy("E-mail"),
        names="email mail emailaddress 邮箱 电子邮件",
        sample="maria@alfreds.example",
        match=True,
        fold=True,
    )
    phone = Column(
        gettext_lazy("Phone"), names="telephone tel mobile phonenumber 电话 手机 联系电话", sample="030-0074321"
    )

    def rows(self) -> QuerySet[Contact]:
        visible = Account.objects.visible_to(self.user)
        return Contact.objects.filter(account__in=visible).select_related("account")

    def prepare(self, items: Sequence[Item]) -> None:
        self.resolve(items, "account", accounts_called(items, self.user))

    def may_change(self, record: Any) -> bool:
        return bool(record.account.writable_by(self.user))

    def create(self, items: Sequence[Item]) -> list[Any]:
        for item in items:
            services.refuse_unwritable(item.values["account"], self.user)
        return services.add_contacts([self.folded(item.values) for item in items])

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        if "account" in changes:
            raise services.ContactStays()
        return services.update_contact(record, **self.folded(changes))

    def remove(self, record: Any) -> None:
        services.remove_contact(record)


def accounts_called(items: Sequence[Item], user: Any, name: str = "account") -> dict[str, list[Any]]:
    """The accounts that the items name, by name or reference."""
    texts = {text for item in items if isinstance(text := item.values.get(name), str)}
    folded = {text.casefold() for text in texts}
    visible = Account.objects.visible_to(user).filter(Q(name_key__in=folded) | Q(external_ref__in=texts))
    return words_by(visible, "name", "external_ref")


class AboutAccount(ImportResource):
    """Rows with an `account` and, perhaps, a `contact` of it; both by name."""

    def prepare(self, items: Sequence[Item]) -> None:
        self.resolve(items, "account", accounts_called(items, self.user))
        contacts = _contacts_of(items)
        for item in items:
            _resolve_contact(item, contacts)

    def render(self, name: str, value: Any) -> str:
        if name in ("account", "contact") and value is not None:
            return str(getattr(value, "name", value))
        return super().render(name, value)


def _contacts_of(items: Sequence[Item]) -> dict[tuple[Any, str], Contact]:
    """The people of the accounts that the items are about, by account and name."""
    accounts = {pk for item in items if (pk := getattr(item.values.get("account"), "pk", None))}
    if not any(item.values.get("contact") for item in items):
        return {}
    return {(one.account_id, one.name.casefold()): one for one in Contact.objects.filter(account__in=accounts)}


def _resolve_contact(item: Item, contacts: dict[tuple[Any, str], Contact]) -> None:
    """The name becomes the person, of this very account."""
    told, account = item.values.get("contact"), item.values.get("account")
    if not isinstance(told, str) or not told or isinstance(account, str) or account is None:
        return
    if (account.pk, told.casefold()) in contacts:
        item.values["contact"] = contacts[account.pk, told.casefold()]
    else:
        item.refuse("contact", _("“{text}” is not among the people of {account}.").format(text=told, account=account))
