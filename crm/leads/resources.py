"""Leads from files."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Item, Moment, Person, Text, register
from base.exchange.columns import Whole, YesNo
from base.refusals import BadInput
from crm.accounts.likeness import name_match, phone_match
from crm.accounts.models import Account
from crm.accounts.phones import country_code, e164
from crm.accounts.resources import IMPORTERS
from crm.accounts.tag_files import TaggedResource, tags_column
from crm.leads import services
from crm.leads.models import Lead, LeadState, Policy, Source

_STATES = [(one.value, one.label) for one in (LeadState.NEW, LeadState.CONTACTED, LeadState.QUALIFIED)]


@register
class LeadResource(TaggedResource):
    """People and companies who may buy one day."""

    custom_of = "lead"

    key = "leads"
    label = gettext_lazy("Leads")
    about = gettext_lazy("People and companies who may buy one day: from a fair, a list, another system.")
    icon = "user-plus"
    model = Lead
    roles = IMPORTERS
    match_on = (("external_ref",), ("email",), ("phone",), ("person", "company"))
    has_lookalikes = True
    placeholders = (
        "select",
        "-select-",
        "--select--",
        "please select",
        "n/a",
        "na",
        "null",
        "none",
        "-",
        "请选择",
        "无",
    )

    person = Column(
        gettext_lazy("Name"),
        names="name fullname contact contactname leadname person firstname lastname 姓名 联系人 线索名称",
        sample="Maria Anders",
        match=True,
        fold=True,
    )
    company = Column(
        gettext_lazy("Company"),
        names="companyname organisation organization firm firma account 公司 公司名称 企业名称 单位",
        sample="Alfreds Futterkiste",
        match=True,
        fold=True,
    )
    title = Column(
        gettext_lazy("Position"), names="jobtitle role occupation whatisyourcurrentoccupation 职务 职位 职业"
    )
    phone = Column(
        gettext_lazy("Phone"), names="telephone tel mobile cell phonenumber 电话 手机 联系电话", sample="030 0074321",
        match=True,
    )  # fmt: skip
    other_phone = Column(gettext_lazy("Other phone"), names="phone2 workphone 其他电话")
    email = Column(
        gettext_lazy("E-mail"), names="email mail emailaddress 邮箱 电子邮件", sample="maria@alfreds.example",
        match=True, fold=True,
    )  # fmt: skip
    other_email = Column(gettext_lazy("Other e-mail"), names="email2 其他邮箱")
    website = Column(gettext_lazy("Website"), names="homepage url web 网址 网站")
    street = Column(gettext_lazy("Street"), names="address address1 strasse 地址 街道")
    postal_code = Column(gettext_lazy("Postal code"), names="zip zipcode postcode plz 邮编")
    city = Column(gettext_lazy("Town"), names="town place ort 城市 市", sample="Berlin")
    region = Column(gettext_lazy("Region"), names="state province county 省 省份 地区")
    country = Column(gettext_lazy("Country"), names="land 国家", sample="Germany")
    industry = Column(gettext_lazy("Industry"), Text(100), names="sector branch 行业")
    interest = Column(
        gettext_lazy("Interested in"), names="interest product specialization course 意向 意向产品", sample="Tea"
    )
    source = Column(
        gettext_lazy("Came by"),
        Choice(
            Source.choices,
            hand="quick add form|lead add form|manual",
            web="web|website|landing page|landing page submission|form",
            event="fair|trade show|exhibition|展会",
            card="business card|qr|名片",
            call="phone|inbound call|来电",
            referral="reference|word of mouth|转介绍",
            file="import|lead import|list",
            api="api",
        ),
        names="origin leadorigin channel 渠道",
        help=gettext_lazy("A file, if left out."),
        sample="event",
    )
    source_detail = Column(gettext_lazy("Source"), names="source leadsource 来源 线索来源", sample="Spring fair")
    campaign = Column(gettext_lazy("Campaign"), names="utmcampaign 活动 市场活动")
    external_ref = Column(
        gettext_lazy("Reference elsewhere"),
        names="id leadid leadnumber reference ref 编号 线索编号",
        sample="L-4711",
        help=gettext_lazy("Its code in the system it came from; the surest way to recognise it next time."),
        match=True,
    )
    state = Column(
        gettext_lazy("State"),
        Choice(_STATES, contacted="working|open", qualified="hot|sales qualified"),
        names="status leadstatus leadstate 状态",
        help=gettext_lazy("New, if left out; converting is done here."),
    )
    owner = Column(
        gettext_lazy("Owner"),
        Person(),
        names="salesperson salesagent rep 负责人 业务员",
        help=gettext_lazy(
            "User name, e-mail or full name of a colleague; by the assignment rules, or you, if left out."
        ),
    )
    tags = tags_column()
    visits = Column(gettext_lazy("Visits of our website"), Whole(), names="totalvisits 访问次数")
    seconds_on_site = Column(
        gettext_lazy("Seconds on our website"), Whole(), names="totaltimespentonwebsite timeonsite 停留时间"
    )
    consent = Column(gettext_lazy("Agreed to be written to"), YesNo(), names="optin marketingconsent 同意")
    consent_at = Column(gettext_lazy("Agreed on"), Moment(), names="optindate consentdate 同意日期")
    consent_source = Column(gettext_lazy("Agreed by"), names="optinsource consentsource")
    do_not_call = Column(gettext_lazy("Do not call"), YesNo(), names="donotcall nocall 勿打电话")
    do_not_email = Column(gettext_lazy("Do not mail"), YesNo(), names="donotemail nomail unsubscribed 勿发邮件")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._alike: dict[str, str] = {}
        self._country: str | None = None

    def rows(self) -> QuerySet[Lead]:
        return Lead.objects.visible_to(self.user).select_related("owner")

    def prepare(self, items: Sequence[Item]) -> None:
        """Numbers and words as they are kept, so that the same file again is recognised and changes nothing."""
        self.spell(items)
        for item in items:
            values = item.values
            country = country_code(values.get("country", "")) or self._phone_country()
            for name in ("phone", "other_phone"):
                if values.get(name):
                    values[name] = e164(values[name], country)
            for name in ("email", "other_email"):
                try:
                    services.check_mail(values.get(name, ""), name)
                except BadInput as refusal:
                    item.refuse(name, refusal)

    def _phone_country(self) -> str:
        if self._country is None:
            self._country = Policy.current().phone_country.upper()
        return self._country

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "external_ref": record.external_ref or ""}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        """A lead that is further than the file says stays where it is."""
        changes = super().changes(item, record)
        if "state" in changes and record.state not in (LeadState.NEW, LeadState.CONTACTED):
            del changes["state"]
        return changes

    def may_change(self, record: Any) -> bool:
        return bool(record.writable_by(self.user))

    def create(self, items: Sequence[Item]) -> list[Any]:
        rows, moves = [], []
        for item in items:
            values = {"source": Source.FILE, **self.folded(item.values)}
            moves.append(values.pop("state", LeadState.NEW))
            rows.append(values)
        leads = services.create_leads(rows, by=self.user, otherwise=self.user)
        return [self._moved(lead, state) for lead, state in zip(leads, moves, strict=True)]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        told = self.folded(changes)
        state, owner = told.pop("state", record.state), told.pop("owner", record.owner)
        lead = services.update_lead(record, **told) if told else record
        lead = services.assign(lead, owner, by=self.user) if owner != lead.owner else lead
        return self._moved(lead, state)

    def _moved(self, lead: Lead, state: str) -> Lead:
        if state == lead.state:
            return lead
        if state == LeadState.QUALIFIED:
            return services.qualify(lead, by=self.user)
        if state == LeadState.CONTACTED:
            return services.contact(lead, by=self.user)
        raise BadInput(why=_("A lead does not become new again."), field="state")

    def remove(self, record: Any) -> None:
        services.remove_lead(record)

    def lookalikes(self, items: Sequence[Item]) -> None:
        """The same person or company, phone or e-mail: here as lead or account, or in a row before."""
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
        """Leads and accounts with these marks; one that the user may not see is not named."""
        kinds: dict[str, set[str]] = {"n": set(), "p": set(), "e": set()}
        for mark in marks:
            kinds[mark[0]].add(mark[2:])
        return {**self._accounts(kinds), **self._leads(kinds)}

    def _leads(self, kinds: dict[str, set[str]]) -> dict[str, str]:
        reach = _reached(kinds)
        rows = Lead.objects.alias(folded=Lower("email")).filter(reach) if reach else Lead.objects.none()
        found = list(rows.values_list("pk", "name", "phone_match", "email"))
        mine = set(self.rows().filter(pk__in=[one[0] for one in found]).values_list("pk", flat=True))
        there: dict[str, str] = {}
        for pk, name, phone, email in found:
            named = _("lead “{name}”").format(name=name) if pk in mine else _("a lead of somebody else")
            there |= {mark: named for mark in (f"p:{phone}", f"e:{email.casefold()}") if len(mark) > 2}
        return there

    def _accounts(self, kinds: dict[str, set[str]]) -> dict[str, str]:
        reach = _reached(kinds)
        wanted = (Q(name_match__in=kinds["n"]) if kinds["n"] else Q(pk=None)) | (reach or Q(pk=None))
        rows = Account.objects.alias(folded=Lower("email")).filter(wanted)
        found = list(rows.values_list("pk", "name", "name_match", "phone_match", "email"))
        visible = Account.objects.visible_to(self.user)
        mine = set(visible.filter(pk__in=[one[0] for one in found]).values_list("pk", flat=True))
        there: dict[str, str] = {}
        for pk, name, by_name, phone, email in found:
            named = _("account “{name}”").format(name=name) if pk in mine else _("an account of somebody else")
            marks = (f"n:{by_name}", f"p:{phone}", f"e:{email.casefold()}")
            there |= {mark: named for mark in marks if len(mark) > 2}
        return there


def _reached(kinds: dict[str, set[str]]) -> Q | None:
    """By phone or mail; None when no row has either."""
    phone = Q(phone_match__in=kinds["p"]) & ~Q(phone_match="")
    mail = Q(folded__in=kinds["e"]) & ~Q(email="")
    if kinds["p"] and kinds["e"]:
        return phone | mail
    return phone if kinds["p"] else mail if kinds["e"] else None


def _marks(values: dict[str, Any]) -> dict[str, str]:
    """By what a lead may be recognised, each with the column that says so; two of a company are two leads."""
    company = values.get("company", "") if not values.get("person") else ""
    marks = {
        f"e:{values.get('email', '').casefold()}": "email",
        f"p:{phone_match(values.get('phone', ''))}": "phone",
        f"n:{name_match(company) if company else ''}": "company",
    }
    return {mark: what for mark, what in marks.items() if len(mark) > 2}
