from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import translation

from base import ui
from base.admin import PersonAdmin
from base.gallery import samples
from base.money import Money
from base.release import RELEASE
from base.standing import Standing
from base.templatetags import ui as tags
from deploy.environment import ROOT


def render(source: str, **values: Any) -> str:
    return Template(source).render(Context(values))


def page(request: HttpRequest, source: str, **values: Any) -> str:
    return Template(source).render(RequestContext(request, values))


@pytest.mark.parametrize(
    ("side", "source", "written"),
    [
        ("crm", "{% money amount %}", '<span class="money ">1,234,567.50</span>'),
        ("crm", '{% money amount "EUR" %}', '<span class="money ">1,234,567.50 <small>EUR</small></span>'),
        ("crm", '{% money yen "JPY" %}', '<span class="money ">1,200 <small>JPY</small></span>'),
        ("crm", "{% money price %}", '<span class="money ">0.0425</span>'),
        ("crm", "{% money third %}", '<span class="money ">0.333333</span>'),
        ("crm", "{% money zero %}", '<span class="money ">0.00</span>'),
        ("erp", "{% money zero %}", '<span class="money money--zero">–</span>'),
        ("erp", '{% money zero "EUR" %}', '<span class="money ">0.00 <small>EUR</small></span>'),
        ("erp", "{% money debt %}", '<span class="money money--negative">−12.30</span>'),
        ("crm", "{% money amount sign=True %}", '<span class="money ">+1,234,567.50</span>'),
        ("crm", "{% money value %}", '<span class="money ">9.00 <small>USD</small></span>'),
        ("crm", "{% money nothing %}", ""),
    ],
)
def test_money_is_written_in_the_manner_of_the_side(settings: Any, side: str, source: str, written: str) -> None:
    settings.SIDE = side
    facts = {
        "amount": Decimal("1234567.50"),
        "zero": Decimal("0.00"),
        "debt": Decimal("-12.3"),
        "value": Money.of("9", "USD"),
        "nothing": None,
        "yen": Decimal("1200.00"),
        "price": Decimal("0.042500"),
        "third": Decimal(1) / 3,
    }

    assert render(source, **facts) == written


def test_chinese_books_group_by_thousands_too() -> None:
    with translation.override("zh-hans"):
        assert render("{% money amount %}", amount=Decimal("1234567.5")) == '<span class="money ">1,234,567.50</span>'


@pytest.mark.parametrize(
    ("quantity", "written"),
    [("12.0000", "12"), ("2.5000", "2.5"), ("100", "100"), ("-3", "−3"), ("0.0400", "0.04"), ("12000", "12,000")],
)
def test_quantities_have_no_idle_zeros(settings: Any, quantity: str, written: str) -> None:
    settings.SIDE = "crm"

    assert written in tags.qty(Decimal(quantity))
    assert tags.qty(Decimal(quantity)).count("0") == written.count("0")


def test_a_fraction_is_shown_as_per_cent_with_all_its_digits() -> None:
    written = [tags.percent(Decimal(text)) for text in ("0.19", "0.055", "0.190000", "1")]

    assert written == ["19\u202f%", "5.5\u202f%", "19\u202f%", "100\u202f%"]


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=30), "24 Oct"),
        (timedelta(days=400), "19 Oct 2025"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_a_moment_is_told_by_its_distance(passed: timedelta, words: str) -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    assert tags.distance(now - passed, now) == words


def test_the_erp_writes_days_so_that_they_sort(settings: Any) -> None:
    settings.SIDE = "erp"

    assert tags.date(date(1997, 3, 5)) == '<time datetime="1997-03-05">1997-03-05</time>'


def test_a_component_inside_only_still_sends_the_csrf_token() -> None:
    source = '{% include "ui/act.html" with url="/release/" label="Release" confirm="Sure?" only %}'

    html = page(RequestFactory().get("/"), source)

    assert 'name="csrfmiddlewaretoken"' in html
    assert 'name="idempotency_key"' in html
    assert 'data-confirm="Sure?"' in html


def test_a_page_link_keeps_the_filters() -> None:
    request = RequestFactory().get("/orders/?status=held&after=old")

    html = page(request, '<a href="{% query after="new" %}">next</a>')

    assert 'href="?status=held&amp;after=new"' in html


class Order(forms.Form):
    amount = forms.DecimalField(help_text="Gross")
    day = forms.DateField()


def test_what_was_typed_wrong_stays_and_the_error_is_announced() -> None:
    html = render(
        '{% include "ui/fields.html" with form=form only %}', form=Order({"amount": "12,x", "day": "2026-11-23"})
    )

    assert 'value="12,x"' in html
    assert 'inputmode="decimal"' in html
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in html
    assert '<input type="date" name="day" value="2026-11-23"' in html


def test_all_components_can_be_shown(settings: Any) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    for shell in ("crm", "erp", "hub"):
        html = render_to_string("ui/gallery.html", {**samples(), "gallery_shell": f"ui/shell_{shell}.html"}, request)

        assert "<h1>Components</h1>" in html
        assert "style=" not in html
        assert "onclick" not in html


class Person:
    is_authenticated = True
    is_active = True
    is_superuser = False
    _standing = Standing(frozenset({"rep"}), 0)


def test_the_menu_shows_places_that_exist_and_that_the_role_may_enter(settings: Any) -> None:
    settings.NAVIGATION = [
        {"label": "Start", "icon": "home", "url_name": "login"},
        {"label": "Way out", "icon": "home", "url_name": "logout", "roles": ["rep"]},
        {"label": "Books", "icon": "book", "url_name": "logout", "roles": ["accountant"]},
        {"label": "Nowhere", "icon": "home", "url_name": "unwritten:list"},
    ]
    request = RequestFactory().get("/login/")
    request.user = Person()  # type: ignore[assignment]
    request.resolver_match = resolve("/login/")

    shown = ui.navigation(request)["navigation"]

    assert [(item["label"], item["active"]) for item in shown] == [("Start", True), ("Way out", False)]


@pytest.mark.django_db
def test_a_guest_chooses_the_language_before_signing_in(settings: Any) -> None:
    client = Client()

    client.post("/ui/preferences/", {"language": "zh-hans"})

    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert 'lang="zh-hans"' in client.get("/login/").content.decode()


@pytest.mark.django_db
def test_a_users_theme_and_language_are_remembered(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("maria")
    client = Client()
    client.force_login(user)

    client.post("/ui/preferences/", {"theme": "dark"})
    client.post("/ui/preferences/", {"language": "zh-hans"})
    client.post("/ui/preferences/", {"theme": "purple"})

    user.refresh_from_db()
    assert (user.theme, user.language) == ("dark", "zh-hans")


@pytest.mark.django_db
def test_one_sets_ones_own_clock_and_language_and_pages_go_by_them(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("maria")
    client = Client()
    client.force_login(user)

    offered = client.get("/account/preferences/")
    client.post("/account/preferences/", {"time_zone": "Asia/Shanghai", "language": "zh-hans", "theme": ""})
    after = client.get("/account/preferences/")

    user.refresh_from_db()
    assert (user.time_zone, user.language) == ("Asia/Shanghai", "zh-hans")
    assert '<option value="Asia/Shanghai">Shanghai</option>' in offered.content.decode()
    assert '<option value="Asia/Shanghai" selected>' in after.content.decode()
    assert 'lang="zh-hans"' in after.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Mars/Crater", "../etc/passwd", "x" * 41])
def test_a_clock_that_is_nowhere_is_refused_with_why(django_user_model: Any, zone: str) -> None:
    user = django_user_model.objects.create_user("maria")
    client = Client()
    client.force_login(user)

    answer = client.post("/account/preferences/", {"time_zone": zone})

    user.refresh_from_db()
    assert (answer.status_code, user.time_zone) == (422, "")
    assert "is not one of the available choices" in answer.content.decode()


@pytest.mark.django_db
def test_an_admin_cannot_set_a_clock_that_is_nowhere_either() -> None:
    people = PersonAdmin(get_user_model(), admin.site)
    field = people.formfield_for_dbfield(get_user_model()._meta.get_field("time_zone"), RequestFactory().get("/"))

    with pytest.raises(ValidationError):
        field.clean("Mars/Crater")
    assert field.clean("Europe/Berlin") == "Europe/Berlin"


@pytest.mark.django_db
def test_preferences_lead_back_only_to_our_own_pages() -> None:
    client = Client()

    ours = client.post("/ui/preferences/", {}, headers={"referer": "http://testserver/orders/?q=1"})
    foreign = client.post("/ui/preferences/", {}, headers={"referer": "http://evil.example/orders/"})

    assert (ours.url, foreign.url) == ("/orders/?q=1", "/")


def test_error_pages_need_no_request() -> None:
    for code in ("400", "403", "403_csrf", "404", "500", "503"):
        assert "<h1>" in render_to_string(f"{code}.html")


@pytest.mark.django_db
def test_who_is_signed_in_keeps_the_way_on_when_an_address_is_lost(django_user_model: Any) -> None:
    client = Client()
    guest = client.get("/nowhere/").content.decode()
    client.force_login(django_user_model.objects.create_user("maria"))
    signed_in = client.get("/nowhere/").content.decode()

    assert ('class="shell"' in guest, 'class="shell"' in signed_in) == (False, True)
    assert guest.count("<h1>") == signed_in.count("<h1>") == 1


def test_the_menu_says_which_release_runs_here():
    assert render("{% release %}") == RELEASE
    assert "Heming {% release %}" in (ROOT / "templates" / "ui" / "_user.html").read_text()
