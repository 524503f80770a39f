"""One example of what can be changed, for tests that walk every operation of a side."""

from datetime import date
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from base.days import house_day
from base.ids import uuid7
from base.listing.listing import all_listings
from proofs._access import records
from tests.lists import held_back, to_go_out


def examples(by: Any) -> list[Any]:
    """Records of the side that `by` may change."""
    now = timezone.now()
    others = [one for one in records(settings.SIDE) if one is not None]
    amendment = apps.get_model("liaison", "Amendment") if settings.SIDE != "integration" else None
    mine = [by.api_tokens.first(), _told_by_webhook(by), *_own(by)]
    if amendment:
        mine += [held_back(), to_go_out(state="parked")]
        mine.append(amendment.objects.create(id=uuid7(), number="7", about="SO-1", cause="twice", asked_at=now))
    told = {"crm": _crm, "erp": _erp, "integration": _integration}[settings.SIDE](by)
    return [*others, *mine, *told]


def _own(by: Any) -> list[Any]:
    view = apps.get_model("access", "SavedView").objects.create(listing=all_listings()[0].name, owner=by, name="Mine")
    change = apps.get_model("access", "BulkChange").objects.create(
        owner=by, listing=view.listing, action="-", label="-"
    )
    signed_in = apps.get_model("access", "SignIn").objects.create(user=by, session_key="of-boss")
    return [view, change, signed_in, apps.get_model("access", "Notice").objects.create(user=by, text="Look")]


def _told_by_webhook(by: Any) -> Any:
    endpoint = apps.get_model("webhooks", "Endpoint").objects.create(
        url="https://example.com/hear", events=["*"], created_by=by
    )
    return endpoint.deliveries.create(event_id=uuid7(), type="webhook.ping", body=b"{}")


def _crm(by: Any) -> list[Any]:
    from crm.access.models import Team  # another side's process does not have these
    from crm.accounts import merging, sharing
    from crm.accounts.models import Account, CustomField, PoolAccount, Tag
    from crm.activities import services
    from crm.leads import handovers
    from crm.leads.models import Lead
    from tests.crm.makers import account, user
    from tests.crm.promotions.makers import promotion

    theirs = Lead.objects.create(person="Hanna", owner=user("rep", name="hers"))
    known = Account.objects.get()
    return [
        merging.merge(known, account("The same"), by=by),
        sharing.share(account("Shared", owner=by), user("rep", name="hers"), until=house_day(), by=by),
        PoolAccount.objects.get(pk=account("Nobody's").pk),
        Tag.objects.get(name=account("Tagged", tags=["VIP"]).tags[0]),
        CustomField.objects.create(of="lead", key="size", label_en="Size"),
        handovers.ask("lead", theirs.pk, by=by),
        Team.objects.create(name="North"),
        _clash(by),
        promotion("0.05", by=by),
        services.note(known, "Called back", by=by, next_step_on=date(2030, 1, 1)),
    ]


def _clash(by: Any) -> Any:
    from crm.offline.models import Clash, Operation  # another side's process does not have these

    now = timezone.now()
    came = Operation.objects.create(
        user=by, key=uuid7(), device=uuid7(), number=1, kind="edit_lead", told={}, made_at=now, received_at=now
    )
    return Clash.objects.create(operation=came, record_kind="lead", record=uuid7(), about="Hanna", field="phone")


def _erp(by: Any) -> list[Any]:
    from proofs._access_books import books
    from tests.erp.makers import user

    return books(user("accountant"))


def _integration(by: Any) -> list[Any]:
    from integration.hub import pausing
    from integration.hub.models import Route
    from integration.hub.watch_models import Grant

    grant = Grant.objects.create(contract="erp.margin.booked", destination="crm", reason="the sales plan", by=by)
    return [Route.objects.first(), pausing.pause("all", "", "looking", by=by), grant]
