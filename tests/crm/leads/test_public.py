"""Public forms: people get through, machines do not, and consent is what somebody ticked."""

import time
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from crm.activities.models import Entry
from crm.leads.models import Lead, WebForm
from crm.leads.public_forms import TRAP, Slip
from tests.crm.leads.makers import rule
from tests.crm.makers import user

pytestmark = pytest.mark.django_db
AGREE = "You may write to me about tea."


@pytest.fixture
def form():
    told = {"name": "Contact page", "slug": "contact", "heading": "Write to us", "consent_text": AGREE}
    return WebForm.objects.create(campaign="Spring", per_minute=3, **told)


def slip_of(form, age=10):
    return Slip(str(form.pk), uuid4(), time.time() - age).signed()


def sent(form, client=None, **told):
    typed = {"person": "Maria", "email": "m@vins.example", "slip": slip_of(form), **told}
    return (client or Client(enforce_csrf_checks=True)).post(f"/forms/{form.slug}/", typed)


def test_whoever_fills_the_form_is_a_lead_and_whoever_gets_it_is_told(form):
    rule("anna", source="web")

    shown = Client().get("/forms/contact/")
    answer = sent(form, company="Vins", message="Do you ship to Graz?", interest="Tea", consent="on")

    made = Lead.objects.get()
    assert (shown.status_code, shown.cookies.keys(), AGREE in shown.content.decode()) == (200, set(), True)
    assert (answer.status_code, "Thank you" in answer.content.decode()) == (200, True)
    assert (made.name, made.company, made.source, made.source_detail, made.campaign, made.owner.username) == (
        "Maria", "Vins", "web", "Contact page", "Spring", "anna",
    )  # fmt: skip
    assert (made.consent, made.consent_source, made.consent_at is not None) == (True, f"Contact page: {AGREE}", True)
    assert made.waits_since is not None
    assert "Do you ship to Graz?" in Entry.objects.get().text
    assert user("rep", name="anna").notices.get().url == made.get_absolute_url()


def test_who_ticks_nothing_has_agreed_to_nothing(form):
    sent(form)

    assert (Lead.objects.get().consent, Lead.objects.get().consent_at) == (False, None)


def test_a_doubled_submit_is_one_lead(form):
    slip = slip_of(form)

    answers = [sent(form, slip=slip).status_code for _again in "ab"]

    assert (answers, Lead.objects.count()) == ([200, 200], 1)


@pytest.mark.parametrize(
    "slip",
    [
        lambda form: slip_of(form, age=1),
        lambda form: slip_of(form, age=25 * 3600),
        lambda form: slip_of(SimpleNamespace(pk=uuid4())),
        lambda form: slip_of(form) + "x",
        lambda form: "",
        lambda form: "\x00",
    ],
    ids=["too soon", "of yesterday", "of another form", "forged", "none", "rubbish"],
)
def test_without_a_slip_that_fits_nothing_is_made_and_what_was_typed_is_kept(form, slip):
    answer = sent(form, slip=slip(form), message="Hello there")

    assert (answer.status_code, Lead.objects.count()) == (422, 0)
    assert "Hello there" in answer.content.decode()


def test_a_machine_that_fills_what_nobody_sees_is_thanked_and_ignored(form):
    answer = sent(form, **{TRAP: "0800"})

    assert (answer.status_code, "Thank you" in answer.content.decode(), Lead.objects.count()) == (200, True, 0)


def test_one_address_sends_so_often_a_minute(form):
    answers = [sent(form) for _number in range(5)]

    told = [answer.status_code for answer in answers]
    assert told.count(429) >= 1
    assert Lead.objects.count() == told.count(200) <= 4  # a new minute may have begun
    assert 1 <= int(next(one for one in answers if one.status_code == 429)["Retry-After"]) <= 60


def test_a_way_to_answer_is_needed_and_mistakes_stand_at_their_fields(form):
    neither = sent(form, email="").content.decode()
    broken = sent(form, email="not a mail")

    assert "An e-mail address or a phone number is needed." in neither
    assert (broken.status_code, Lead.objects.count()) == (422, 0)


def test_only_the_pages_that_the_company_named_may_embed_it(form):
    closed = Client().get("/forms/contact/")
    WebForm.objects.update(embedded_by="https://www.example.com https://shop.example.com")
    embedded = Client().get("/forms/contact/")

    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
    assert closed["X-Frame-Options"] == "DENY"
    told = embedded["Content-Security-Policy"]
    assert "frame-ancestors https://www.example.com https://shop.example.com" in told
    assert "X-Frame-Options" not in embedded


def test_a_form_that_is_closed_is_not_there(form):
    WebForm.objects.update(active=False)

    assert (Client().get("/forms/contact/").status_code, sent(form).status_code) == (404, 404)
