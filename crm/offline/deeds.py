"""What each kind of operation does, in the services of the other domains and with the rights of whoever made it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.refusals import BadInput, NotAllowed, NotFound, Refused
from base.roles import has_role, require
from crm.accounts import services as accounts
from crm.accounts.models import READERS, Account, Contact
from crm.activities.models import Entry
from crm.activities.recordings import taken_along
from crm.leads import services as leads
from crm.leads.models import Lead
from crm.offline.forms import FORMS
from crm.offline.merging import merge
from crm.offline.models import Clash, Operation
from crm.offline.services import Done, Sent, WrongFields
from crm.pipeline import services as pipeline
from crm.pipeline.models import WRITERS, Deal, Stage
from crm.tickets import services as tickets
from crm.tickets.models import Ticket, Visibility
from crm.today import services as today

NEVER = ("win", "lose", "merge", "approve", "withdraw", "amend")


class OnlyOnline(Refused):
    """A promise to a customer is not made by a queue."""

    message = gettext_lazy("Winning, merging and approving prices need a connection; do it on the record's page.")


class StageMoved(Refused):
    """The command was given for another stage than the deal is in."""

    message = gettext_lazy("{deal} was moved from {before} to {now} meanwhile; look at it, then move it again.")
    field = "stage"


class Deeds:
    """The operations of one user."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def __call__(self, sent: Sent, made_at: datetime) -> Done:
        """Carry one out."""
        require(self.user, *READERS)
        if sent.kind in NEVER:
            raise OnlyOnline()
        if sent.kind not in FORMS:
            raise BadInput(why=_("This program is older than what was sent, or the other way round."))
        deed: Callable[[Sent, datetime], Done] = getattr(self, f"_{sent.kind}", self._capture)
        return deed(sent, made_at)

    def write(self, clash: Clash) -> None:
        """Put the value that was written offline into the record after all."""
        _record, change = self._editable(clash.record_kind, clash.record)
        change({clash.field: _typed(clash.record_kind, clash.field, clash.mine)})

    def _capture(self, sent: Sent, made_at: datetime) -> Done:
        typed = _typed_in(sent)
        photo, kind = typed.pop("photo", None), sent.kind
        about = {
            "deal": self._named(Deal.objects.select_related("account", "owner"), typed.pop("deal", None)),
            "entry": self._named(Entry.objects.select_related("account"), typed.pop("entry", None)),
        }
        account = self._found(Account.objects.all(), typed.pop("account"), _("This account"))
        for one in about.values():
            if one is not None and one.account_id != account.pk:
                raise BadInput(why=_("What this is about belongs to another account."), field="account")
        if kind == "photo":
            kind, typed["text"] = "note", typed.get("text") or _("Photo")
        if (typed.get("next_step") or kind == "task") and not typed.get("next_step_on"):
            typed["next_step_on"] = timezone.localdate(made_at) + timedelta(days=int(typed.get("in_days") or 1))
        about |= {"photo": photo, "along": taken_along(typed)}
        made = today.log(account, kind, by=self.user, occurred_at=made_at, **about, **typed)
        return Done("entry", made.pk, account.get_absolute_url())

    def _lead(self, sent: Sent, made_at: datetime) -> Done:
        lead = leads.create_lead(by=self.user, owner=self.user, **_typed_in(sent))
        return Done("lead", lead.pk, lead.get_absolute_url())

    def _contact(self, sent: Sent, made_at: datetime) -> Done:
        typed = _typed_in(sent)
        account = self._found(Account.objects.all(), typed.pop("account"), _("This account"))
        accounts.refuse_unwritable(account, self.user)
        contact = accounts.add_contact(account, **typed)
        return Done("contact", contact.pk, account.get_absolute_url())

    def _stage(self, sent: Sent, made_at: datetime) -> Done:
        """A command: carried out as given or refused, never merged."""
        typed = _typed_in(sent)
        deal, _change = self._editable("deal", typed["deal"])
        stage = self._found(Stage.objects.select_related("pipeline"), typed["stage"], _("This stage"))
        if stage.pipeline_id != deal.stage.pipeline_id:
            raise BadInput(why=_("This stage belongs to another pipeline."), field="stage")
        before = str(sent.base.get("stage") or "")
        if before != str(deal.stage_id) != str(stage.pk):
            seen = _uuid(before)
            known = Stage.objects.filter(pk=seen).first() if seen else None
            raise StageMoved(deal=deal.number, before=known or "–", now=deal.stage)
        moved = pipeline.move(deal, stage)
        values = {"stage": str(moved.stage_id), "version": moved.revision}
        return Done("deal", moved.pk, moved.get_absolute_url(), values=values)

    def _ticket_note(self, sent: Sent, made_at: datetime) -> Done:
        typed = _typed_in(sent)
        ticket = self._found(Ticket.objects.all(), typed["ticket"], _("This ticket"))
        said = tickets.reply(ticket, typed["body"], by=self.user, visibility=Visibility.INTERNAL)
        return Done("message", said.pk, ticket.get_absolute_url())

    def _edit(self, sent: Sent, made_at: datetime) -> Done:
        """Field by field: what nobody else touched is written, what somebody did is kept beside theirs."""
        kind = sent.kind.removeprefix("edit_")
        record, change = self._editable(kind, sent.target)
        current = {name: getattr(record, name) for name in sent.fields if name in _editable_fields(kind)}
        typed = _typed_in(sent, partly=True)
        written, clashes = merge(sent.base, {name: typed[name] for name in current}, current)
        record = change(written) if written else record
        about, owner = str(record), getattr(record, "owner", None) or getattr(_account_of(record), "owner", None)
        url = (record if hasattr(record, "get_absolute_url") else _account_of(record)).get_absolute_url()
        return Done(kind, record.pk, url, about, owner, values_of(kind, record), clashes)

    _edit_account = _edit_contact = _edit_lead = _edit_deal = _edit

    def _editable(self, kind: str, pk: UUID | None) -> tuple[Any, Callable[[dict[str, Any]], Any]]:
        """The record, locked and ours to change, and its service's verb."""
        if kind == "account":
            account = self._found(_lock(Account.objects.all()), pk, _("This account"))
            accounts.refuse_unwritable(account, self.user)
            return account, lambda changes: accounts.update_account(account, **changes)
        if kind == "contact":
            contact = self._found(Contact.objects.all(), pk, _("This contact"))
            account = Account.objects.select_for_update().get(pk=contact.account_id)  # in the order of its services
            accounts.refuse_unwritable(account, self.user)
            contact.refresh_from_db()
            return contact, lambda changes: accounts.update_contact(contact, **changes)
        if kind == "lead":
            lead = self._found(_lock(Lead.objects.all()), pk, _("This lead"))
            leads.refuse_unwritable(lead, self.user)
            return lead, lambda changes: leads.update_lead(lead, **changes)
        assert kind == "deal"
        deal = self._found(_lock(Deal.objects.select_related("account", "stage")), pk, _("This deal"))
        if not has_role(self.user, *WRITERS) or not deal.writable_by(self.user):
            raise NotAllowed()
        return deal, lambda changes: pipeline.change_deal(deal, **changes)

    def _named(self, rows: QuerySet[Any], pk: UUID | None) -> Any:
        return self._found(rows, pk, _("What this is about")) if pk else None

    def _found(self, rows: Any, pk: UUID | None, what: str) -> Any:
        """A row that the user may see: by its id, or by the key of their own operation that made it."""
        if pk is None:
            raise NotFound(what=what)
        seen = rows.visible_to(self.user)
        own = Operation.objects.filter(user=self.user, key=pk, record__isnull=False).values_list("record", flat=True)
        found = seen.filter(pk=pk).first() or seen.filter(pk__in=list(own)).first()
        if found is None:
            raise NotFound(what=what)
        return found


def values_of(kind: str, record: Any) -> dict[str, Any]:
    """What the pack says of a record that may be edited: its fields and its version."""
    version = {"account": "version", "lead": "version", "deal": "revision", "contact": "updated_at"}[kind]
    fields = {name: _plain(getattr(record, name)) for name in _editable_fields(kind)}
    return {**fields, "version": _plain(getattr(record, version))}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else "" if value is None else str(value)


def _editable_fields(kind: str) -> list[str]:
    return [name for name in FORMS[f"edit_{kind}"].base_fields if name != "target"]


def _typed_in(sent: Sent, partly: bool = False) -> dict[str, Any]:
    """What was filled in, judged by the form; with `partly` only what was sent is."""
    if any(not isinstance(value, str) for value in sent.fields.values()):
        raise BadInput(why=_("Every field is a text."))
    files: Any = {name: SimpleUploadedFile(name, file) for name, file in sent.files.items()}
    form = FORMS[sent.kind](sent.fields, files)
    if partly:
        for name in [name for name in form.fields if name not in sent.fields]:
            del form.fields[name]
    if not form.is_valid():
        errors = {name: " ".join(map(str, told)) for name, told in form.errors.items()}
        raise WrongFields(errors, {name: field.label for name, field in form.fields.items() if field.label})
    return {name: form.cleaned_data[name] for name in form.cleaned_data if name in form.fields or name == "source"}


def _typed(kind: str, name: str, text: str) -> Any:
    return FORMS[f"edit_{kind}"].base_fields[name].clean(text)


def _account_of(record: Any) -> Any:
    return getattr(record, "account", None)


def _lock(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_for_update(of=("self",), no_key=True)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
