from typing import Any

import pytest
from django.test import Client
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from base.notices import notify
from crm.access.models import Notice, User
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria() -> User:
    return User.objects.create_user("maria")


@pytest.fixture
def phone(maria: User) -> Client:
    client = Client()
    client.force_login(maria)
    return client


def told(user: User) -> list[tuple[str, str, str]]:
    return [(notice.text, notice.url, notice.tone) for notice in user.notices.order_by("id")]


def test_each_person_is_told_once_and_those_who_left_are_not(maria: User) -> None:
    gone = User.objects.create_user("gone", is_active=False)

    notify([maria, maria, gone, None], "Shipped", url="/deals/", tone="good")

    assert (told(maria), told(gone)) == ([("Shipped", "/deals/", "good")], [])


def test_a_notice_is_written_in_the_readers_language(maria: User) -> None:
    li = User.objects.create_user("li", language="zh-hans")

    notify([maria, li], format_lazy("{word} 1", word=gettext_lazy("Yes")))

    assert (told(maria)[0][0], told(li)[0][0]) == ("Yes 1", "是 1")


def test_a_notice_never_leads_away(maria: User) -> None:
    for url in ("https://evil.example/", "//evil.example/"):
        with pytest.raises(AssertionError):
            notify([maria], "Look", url=url)


def test_an_unknown_tone_is_a_mistake(maria: User) -> None:
    with pytest.raises(ValueError):
        notify([maria], "Look", tone="purple")


def test_the_bell_counts_what_waits(maria: User, phone: Client) -> None:
    notify([maria], "One")
    notify([maria], "Two")

    page = phone.get("/notices/").content.decode()

    assert 'aria-label="Notices, 2 unread"' in page


def test_the_live_bell_answers_only_news(maria: User, phone: Client) -> None:
    notify([maria], "One")

    assert phone.get("/notices/bell/?shown=1").status_code == 204
    assert 'aria-label="Notices, 1 unread"' in phone.get("/notices/bell/?shown=0").content.decode()
    assert Client().get("/notices/bell/?shown=0").status_code == 204


def test_opening_a_notice_leads_there_and_reads_it(maria: User, phone: Client) -> None:
    notify([maria], "Shipped", url="/accounts/")
    notify([maria], "Nothing behind it")
    shipped, plain = (Notice.objects.get(text=text) for text in ("Shipped", "Nothing behind it"))

    answers = [phone.get(f"/notices/{notice.pk}/") for notice in (shipped, plain)]

    assert [answer.url for answer in answers] == ["/accounts/", "/notices/"]
    assert not Notice.objects.unread().exists()


def test_one_or_all_are_marked_read_and_never_a_strangers(maria: User, phone: Client) -> None:
    stranger = User.objects.create_user("stranger")
    for text in ("One", "Two", "Three"):
        notify([maria, stranger], text)
    first, other = maria.notices.earliest("id"), stranger.notices.earliest("id")

    def waiting() -> tuple[int, int]:
        return maria.notices.unread().count(), stranger.notices.unread().count()

    phone.post(f"/notices/{first.pk}/read/")
    phone.post(f"/notices/{other.pk}/read/")
    assert waiting() == (2, 3)
    phone.post("/notices/read/")
    assert waiting() == (0, 3)
    assert phone.get(f"/notices/{other.pk}/").status_code == 404


def test_reading_is_a_deed_not_a_look(phone: Client) -> None:
    assert phone.get("/notices/read/").status_code == 405


def test_the_list_asks_as_often_for_many_as_for_one(maria: User, phone: Client, django_assert_num_queries: Any) -> None:
    notify([maria], "One")
    with django_assert_num_queries(page_queries(1)):  # notices
        phone.get("/notices/")
    for number in range(9):
        notify([maria], f"No. {number}")
    with django_assert_num_queries(page_queries(1)):
        phone.get("/notices/")


def test_guests_are_asked_to_sign_in() -> None:
    assert Client().get("/notices/").url == "/login/?next=/notices/"
