"""A lead becomes an account, contact and deal: once, with all that was said."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from base.refusals import BadInput, NotAllowed
from crm.accounts.models import Account, Contact
from crm.activities.models import Entry
from crm.leads import conversion, services
from crm.leads.conversion import DealWanted
from crm.leads.models import Conversion, Lead
from crm.pipeline.models import Deal
from tests.crm.leads.makers import lead
from tests.crm.makers import account, deal, user

pytestmark = pytest.mark.django_db


def spoken_with(by, **fields):
    made = lead("Maria Anders", company="Vins GmbH", phone="+4930901820", interest="Tea", owner=by, **fields)
    services.log(made, "call", by=by, outcome="interested", text="Wants a price list")
    services.log(made, "visit", by=by, outcome="follow_up")
    services.log(made, "note", by=by, text="Likes green tea")
    return made


def test_account_contact_and_deal_are_made_and_every_word_is_kept():
    anna = user("rep", name="anna")
    made = spoken_with(anna)
    said = set(Entry.objects.filter(lead=made.pk).values_list("pk", flat=True))

    told = conversion.convert(made, by=anna, deal=DealWanted())

    assert (told.account.name, told.account.kind, told.account.owner) == ("Vins GmbH", "company", anna)
    assert (told.contact.name, told.contact.phone) == ("Maria Anders", "+4930901820")
    assert (told.deal.title, told.deal.owner) == ("Tea", anna)
    assert Lead.objects.get().state == "converted"
    assert said < set(Entry.objects.about(account=told.account).values_list("pk", flat=True))
    assert said < set(Entry.objects.about(deal=told.deal).values_list("pk", flat=True))
    kept = Entry.objects.about(lead=made).order_by("occurred_at", "id").values_list("kind", flat=True)
    assert list(kept) == ["lead_captured", "call", "visit", "note", "lead_converted"]
    assert Entry.history.filter(lead=made.pk, account=told.account).count() == len(said) + 1


def test_what_is_there_is_linked_and_nothing_is_made_twice():
    anna = user("rep", name="anna")
    vins = account("Vins", owner=anna, contacts=[{"name": "maria anders"}])
    opened = deal(of=vins, by=anna)

    told = conversion.convert(spoken_with(anna), by=anna, account=vins, deal=opened)

    assert (told.account, told.contact, told.deal) == (vins, vins.contacts.get(), opened)
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 1)


def test_a_person_without_a_company_is_an_account_of_their_own():
    anna = user("rep", name="anna")

    told = conversion.convert(lead("Maria", owner=anna), by=anna)

    assert (told.account.name, told.account.kind, told.contact, told.deal) == ("Maria", "person", None, None)


def test_a_second_time_makes_nothing_and_says_what_became_of_it():
    anna = user("rep", name="anna")
    made = spoken_with(anna)
    conversion.convert(made, by=anna)

    with pytest.raises(conversion.ConvertedAlready, match="Vins GmbH"):
        conversion.convert(made, by=anna)

    assert (Account.objects.count(), Conversion.objects.count()) == (1, 1)


def test_the_database_holds_one_conversion_of_a_lead_and_one_lead_of_a_deal():
    anna = user("rep", name="anna")
    vins = account("Vins", owner=anna)
    opened = deal(of=vins, by=anna)
    made = lead("Maria", owner=anna)
    conversion.convert(made, by=anna, account=vins, deal=opened)

    with pytest.raises(IntegrityError), transaction.atomic():
        Conversion(lead=made, account=vins, by=anna).save(force_insert=True)
    with pytest.raises(BadInput):
        conversion.convert(lead("Hanna", owner=anna), by=anna, account=vins, deal=opened)

    assert Lead.objects.get(person="Hanna").state == "new"


def test_what_one_may_not_see_cannot_be_linked_and_agents_do_not_convert():
    anna, ben, zoe = user("rep", name="anna"), user("rep", name="ben"), user("agent", name="zoe")
    hidden = account("Vins", owner=ben)
    made = lead("Maria", owner=anna)

    for by, told in ((anna, {"account": hidden}), (ben, {}), (zoe, {})):
        with pytest.raises(NotAllowed):
            conversion.convert(made, by=by, **told)

    assert (Lead.objects.get().state, Conversion.objects.count()) == ("new", 0)


def test_afterwards_words_stand_with_the_lead_and_the_account():
    anna = user("rep", name="anna")
    made = spoken_with(anna)
    told = conversion.convert(made, by=anna)

    later = services.log(Lead.objects.get(), "call", by=anna, outcome="order")

    assert (later.account, later.lead) == (told.account, made.pk)


@pytest.mark.django_db(transaction=True)
def test_of_rivals_one_converts():
    anna = user("rep", name="anna")
    made = spoken_with(anna)
    start = Barrier(4)

    def attempt(_number):
        try:
            start.wait()
            conversion.convert(Lead.objects.get(pk=made.pk), by=anna, deal=DealWanted())
            return "made"
        except conversion.ConvertedAlready:
            return "late"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(attempt, range(4)))

    assert told == ["late", "late", "late", "made"]
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 1)
