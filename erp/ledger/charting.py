"""The verbs of the chart of accounts: open, change, remove.  Roles and control accounts are the admin's affair."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused
from erp.ledger import services
from erp.ledger.models import Account, AccountType, JournalLine, VoucherLine
from erp.ledger.refusals import DocumentsPostThere, books_rules

ASKING = ("cost_centre_from", "project_from")
EDITABLE = ("name", "name_zh", "initials", "type", "parent", "is_group", "active", *ASKING)


class AccountCodeTaken(Refused):
    """A code names one account."""

    message = _("There is already an account {code}.")
    field = "code"


class AccountInUse(Refused):
    """What the books rest on stays."""

    message = _("Account {code} is used; it can be made inactive.")


@transaction.atomic
def open_account(*, code: str, name: str, type: str, **fields: Any) -> Account:
    """A new account or heading of the chart."""
    assert set(fields) <= set(EDITABLE), fields
    company = services.company()
    if Account.objects.filter(company=company, code=code).exists():
        raise AccountCodeTaken(code=code)
    account = Account(company=company, code=code, name=name, type=type, **fields)
    _check(account)
    account.save(force_insert=True)
    services.forget()
    return account


@transaction.atomic
def change_account(account: Account, **changes: Any) -> Account:
    """Edit what may be edited; an account with lines keeps its type and takes lines for ever."""
    assert set(changes) <= set(EDITABLE), changes
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    changed = [name for name, value in changes.items() if getattr(account, name) != value]
    if not changed:
        return account
    if {"type", "is_group"}.intersection(changed) and _is_used(account):
        raise AccountInUse(code=account.code)
    for name in changed:
        setattr(account, name, changes[name])
    _check(account)
    with books_rules():
        account.save()
    services.forget()
    return account


@transaction.atomic
def remove_account(account: Account) -> None:
    """Take back an account opened by mistake: without lines, children or a role."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if account.role or account.control or account.children.exists() or _is_used(account):
        raise AccountInUse(code=account.code)
    account.delete()
    services.forget()


def _check(account: Account) -> None:
    if account.type not in AccountType.values:
        raise BadInput(why=_("Choose what kind of account it is."), field="type")
    if services.asks_of_documents(account):
        raise DocumentsPostThere(account=account.code)
    parent = account.parent
    if parent is None:
        return
    if not parent.is_group:
        raise BadInput(why=_("{code} is no heading.").format(code=parent.code), field="parent")
    if parent.pk == account.pk or parent.company_id != account.company_id:
        raise BadInput(why=_("An account cannot stand below itself."), field="parent")
    above = parent
    while above.parent is not None:
        above = above.parent
        if above.pk == account.pk:
            raise BadInput(why=_("An account cannot stand below itself."), field="parent")


def _is_used(account: Account) -> bool:
    return JournalLine.objects.filter(account=account).exists() or VoucherLine.objects.filter(account=account).exists()
