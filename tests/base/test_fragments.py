"""Pieces of pages are kept, and yet nobody sees another's: whatever a piece depends on is in its key."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from base import fragments
from base.fragments import PIECES, Memory
from base.ids import uuid7
from base.links import record_url
from base.listing import asking
from base.notices import notify
from tests.crm.makers import account, user

LIST = "/accounts/"


def signed_in(name: str, *roles: str, **told: Any) -> tuple[Any, Client]:
    person = user(*roles, name=name)
    for field, value in told.items():
        setattr(person, field, value)
    person.save()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    return person, client


def page(client: Client, path: str = LIST) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def rail(client: Client) -> str:
    return page(client).partition('class="shell__rail"')[2].partition("</aside>")[0]


def tokens(html: str) -> list[str]:
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', html)


@pytest.mark.django_db
def test_the_second_page_is_the_first_one_again() -> None:
    _rep, client = signed_in("rep", "rep")
    account("Alfreds", country="Germany")

    first, second = page(client), page(client)

    plain = [re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", html) for html in (first, second)]
    assert plain[0] == plain[1]
    assert len(PIECES) > 5


@pytest.mark.django_db
def test_who_may_less_never_sees_the_places_of_who_may_more() -> None:
    _manager, more = signed_in("boss", "manager")
    _agent, less = signed_in("agent", "agent")

    for _again in range(2):
        assert "To mend" in page(more)
        assert "To mend" not in page(less)


@pytest.mark.django_db
def test_changed_rights_are_seen_by_the_next_page() -> None:
    person, client = signed_in("rep", "rep")
    assert "To mend" not in page(client)

    person.groups.add(Group.objects.get(name="manager"))
    assert "To mend" in page(client)
    person.groups.remove(Group.objects.get(name="manager"))
    assert "To mend" not in page(client)

    person.is_staff = True
    person.save()
    assert "People and roles" in page(client)


@pytest.mark.django_db
def test_everybody_reads_their_own_language_and_theme() -> None:
    english, reader = signed_in("rep", "rep", language="en", theme="light")
    _chinese, other = signed_in("li", "rep", language="zh-hans", theme="dark")

    for _again in range(2):
        here, there = page(reader), page(other)
        assert ('lang="en"' in here, 'data-theme="light"' in here, "Sign out" in here) == (True, True, True)
        assert ('lang="zh-hans"' in there, 'data-theme="dark"' in there, "Sign out" in there) == (True, True, False)
        assert pressed(here) == ["en", "light"]
        assert pressed(there) == ["zh-hans", "dark"]

    english.language, english.theme = "zh-hans", ""
    english.save()
    assert "Sign out" not in page(reader)
    assert pressed(page(reader)) == ["zh-hans", "device"]


def pressed(html: str) -> list[str]:
    """The choices that are on in one's own menu."""
    return re.findall(r'value="([^"]+)"[^>]* aria-pressed="true"', html)


@pytest.mark.django_db
def test_names_and_notices_are_ones_own() -> None:
    maria, her = signed_in("maria", "rep", first_name="Maria", last_name="Anders")
    _hans, his = signed_in("hans", "rep", first_name="Hans", last_name="<b>Moos")
    notify([maria], "One")
    notify([maria], "Two")

    for _again in range(2):
        assert ("Maria Anders" in rail(her), "Hans" in rail(her), "Notices, 2 unread" in rail(her)) == (
            True,
            False,
            True,
        )
        assert ("Hans &lt;b&gt;Moos" in rail(his), "Notices, 0 unread" in rail(his)) == (True, True)

    maria.notices.update(read_at="2026-01-01T00:00Z")
    assert "Notices, 0 unread" in rail(her)


@pytest.mark.django_db
def test_a_kept_form_carries_the_token_of_who_reads_it() -> None:
    signed = [signed_in(name, "rep") for name in ("one", "two")]
    account("Alfreds")
    pages = [page(client) for _person, client in signed]

    first, second = (tokens(html) for html in pages)
    assert len(set(first)) == len(set(second)) == 1
    assert len(first) == len(second) >= 4
    assert set(first) != set(second)
    assert fragments.HOLE not in pages[1]
    (_one, _client), (_two, client) = signed
    assert client.post("/logout/", {"csrfmiddlewaretoken": first[0]}).status_code == 403
    assert client.post("/logout/", {"csrfmiddlewaretoken": second[0]}).status_code == 302


@pytest.mark.django_db
def test_the_place_one_is_at_is_marked() -> None:
    _rep, client = signed_in("rep", "rep")

    for path in ("/accounts/", "/catalogue/", "/accounts/"):
        assert re.findall(r'href="([^"]+)" aria-current="page"', rail_of(page(client, path))) == [path]


def rail_of(html: str) -> str:
    return html.partition('class="shell__rail"')[2].partition("</aside>")[0]


@pytest.mark.django_db
def test_the_bar_of_a_list_says_what_was_asked() -> None:
    _rep, client = signed_in("rep", "rep")
    account("Alfreds", country="Germany")

    assert 'value="Germany" selected' not in page(client)
    assert 'value="Germany" selected' in page(client, "/accounts/?country=Germany")
    assert 'name="q" value="&quot;x"' in page(client, "/accounts/?q=%22x")
    assert 'value="Germany" selected' not in page(client)


@pytest.mark.django_db
def test_a_new_choice_can_be_asked_at_once_and_is_offered_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    _rep, client = signed_in("rep", "rep")
    account("Alfreds", country="Germany")
    assert 'value="France"' not in page(client)

    account("Blondel", country="France")

    assert 'value="France" selected' in page(client, "/accounts/?country=France")
    monkeypatch.setattr(asking, "CHOICES_SECONDS", 1e-6)
    assert 'value="France"' in page(client)


@pytest.mark.django_db
def test_the_height_of_rows_is_that_screens_own(settings: Any) -> None:
    _rep, client = signed_in("rep", "rep")
    other = Client()
    other.force_login(_rep)
    other.cookies["rows"] = "large"
    settings.SIDE = "erp"  # where one chooses it

    for _again in range(2):
        assert {"small", "large"}.intersection(pressed(rail(client))) == {"small"}
        assert {"small", "large"}.intersection(pressed(rail(other))) == {"large"}


def request() -> HttpRequest:
    return RequestFactory().get("/")


def shown(source: str, asked: HttpRequest | None = None, **told: Any) -> str:
    template = Template(source)
    context = Context(told)
    if asked is not None:
        context = RequestContext(asked, told)
    return str(template.render(context))


def test_a_piece_is_written_once_for_each_key_and_language() -> None:
    source = '{% kept "piece" key %}{{ word }}{% translate "Close" %}{% endkept %}'

    assert shown(source, request(), key=1, word="first ") == "first Close"
    assert shown(source, request(), key=1, word="second ") == "first Close"
    assert shown(source, request(), key=2, word="third ") == "third Close"
    with translation.override("zh-hans"):
        assert "first" not in shown(source, request(), key=1, word="fourth ")


def test_nothing_is_kept_without_a_request_or_while_templates_are_worked_on(settings: Any) -> None:
    source = '{% kept "piece" %}{{ word }}{% endkept %}'
    assert (shown(source, word="a"), shown(source, word="b")) == ("a", "b")

    settings.DEBUG = True
    assert (shown(source, request(), word="a"), shown(source, request(), word="b")) == ("a", "b")


def test_a_token_that_would_be_kept_is_found() -> None:
    with pytest.raises(AssertionError, match="holds a token"):
        shown('{% kept "piece" %}<input name="csrfmiddlewaretoken" value="{{ csrf_token }}">{% endkept %}', request())


def test_memory_is_bounded_and_forgets_what_was_not_asked_for_longest() -> None:
    memory: Memory[int] = Memory(2)
    memory.put("a", 1)
    memory.put("b", 2)
    memory.get("a")
    memory.put("c", 3)

    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (1, None, 3, 2)


def test_a_very_long_piece_is_not_kept() -> None:
    shown('{% kept "piece" %}{{ word }}{% endkept %}', request(), word="x" * (fragments.LENGTH_MAX + 1))

    assert len(PIECES) == 0


def test_a_records_address_is_what_reverse_says() -> None:
    for pk in (uuid7(), uuid7()):
        assert record_url("accounts:detail", pk) == reverse("accounts:detail", args=[pk])
