"""What tests of custom fields start from: the four kinds of records, each with the doors it has."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from crm.accounts import custom_fields
from crm.accounts import services as accounts
from crm.accounts.models import Account, Contact, CustomField
from crm.leads import services as leads
from crm.leads.models import Lead
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from tests.crm.leads.makers import lead
from tests.crm.makers import account, deal, user


def anna() -> Any:
    return user("rep", name="anna")


def admin() -> Any:
    return user("admin", name="root")


def api(somebody: Any) -> APIClient:
    made = APIClient()
    made.force_login(somebody)
    return made


def browser(somebody: Any) -> Client:
    made = Client()
    made.force_login(somebody)
    return made


def field(of: str, key: str = "size", kind: str = "text", **fields: Any) -> CustomField:
    """One more field: `field("lead", "size", "number")`."""
    if kind == "choice":
        fields.setdefault("options", ["red", "green"])
    told = {"label_en": key.replace("_", " ").capitalize(), **fields}
    return custom_fields.make(of, key, by=admin(), kind=kind, **told)


def firm() -> Account:
    return Account.objects.filter(name="Firm").first() or account("Firm", owner=anna())


class Accounts:
    """Whom we sell to."""

    of, model, table, list, api = "account", Account, "accounts_account", "accounts", "/api/v1/accounts/"
    page, name, file = "/accounts/", "name", "Name,Size\n{name},{value}\n"

    @staticmethod
    def made(name: str = "One", **fields: Any) -> Account:
        return account(name, owner=anna(), **fields)

    change = staticmethod(accounts.update_account)


class Contacts:
    """Whom we talk with."""

    of, model, table, list, api = "contact", Contact, "accounts_contact", "contacts", "/api/v1/contacts/"
    page, name, file = "/accounts/contacts/", "name", "Account,Name,Size\nFirm,{name},{value}\n"

    @staticmethod
    def made(name: str = "One", **fields: Any) -> Contact:
        return accounts.add_contact(firm(), name=name, **fields)

    change = staticmethod(accounts.update_contact)


class Leads:
    """Who may buy one day."""

    of, model, table, list, api = "lead", Lead, "leads_lead", "leads", "/api/v1/leads/"
    page, name, file = "/leads/", "person", "Name,E-mail,Size\n{name},{name}@x.example,{value}\n"

    @staticmethod
    def made(name: str = "One", **fields: Any) -> Lead:
        return lead(person=name, owner=anna(), **fields)

    change = staticmethod(leads.update_lead)


class Deals:
    """What is to be sold."""

    of, model, table, list, api = "deal", Deal, "pipeline_deal", "deals", "/api/v1/deals/"
    page, name, file = "/pipeline/list/", "title", "Reference,Account,Title,Size\n{name},Firm,{name},{value}\n"

    @staticmethod
    def made(name: str = "One", **fields: Any) -> Deal:
        return deal(of=firm(), by=anna(), title=name, **fields)

    change = staticmethod(pipeline.change_deal)


ALL = [Accounts, Contacts, Leads, Deals]
