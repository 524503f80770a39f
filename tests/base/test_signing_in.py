"""Signing in with password, code and passkey; the lock after too many guesses; forgotten passwords; sessions."""

import re
import time
from datetime import timedelta
from ipaddress import ip_network

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone

from base.account import sessions
from base.stepup import CONFIRMED_AT
from tests.crm import makers
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """What is tested here is not how long a hash takes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def somebody(name="nancy", *roles, password=PASSWORD):
    person = makers.user(*(roles or ("rep",)), name=name)
    person.email = f"{name}@example.com"
    person.set_password(password)
    person.save()
    return person


def sign_in(client, name="nancy", password=PASSWORD, **more):
    return client.post("/login/", {"username": name, "password": password, **more})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def add_app(person, secret="JBSWY3DPEHPK3PXP") -> str:
    TOTP.activate(person, secret)
    return secret


def test_a_password_signs_in_and_goes_where_one_wanted():
    somebody()

    answer = sign_in(Client(), next="/accounts/")

    assert (answer.status_code, answer.url) == (302, "/accounts/")


def test_a_wrong_password_says_so_and_an_address_elsewhere_is_not_followed():
    somebody()

    assert "do not match" in sign_in(Client(), password="wrong").content.decode()
    assert sign_in(Client(), next="https://evil.example/").url == "/"


def test_there_is_no_sign_up():
    for address in ("/signup/", "/account/signup/", "/account/email/", "/account/security/webauthn/signup/"):
        assert Client().get(address).status_code == 404


def test_the_fifth_wrong_guess_locks_for_a_while_and_says_how_long():
    somebody()
    client = Client()
    answers = [sign_in(client, password=f"wrong {number}").status_code for number in range(5)]

    locked = sign_in(client)

    assert answers == [200, 200, 200, 200, 429]
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in locked.content.decode()
    assert sign_in(Client(REMOTE_ADDR="10.1.2.3")).status_code == 302, "another address is not locked"


def test_the_lock_opens_after_the_cool_off():
    somebody()
    client = Client()
    for number in range(5):
        sign_in(client, password=f"wrong {number}")

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert sign_in(client).status_code == 302


def test_an_app_code_is_the_second_step():
    secret = add_app(somebody())
    client = Client()

    first = sign_in(client)
    wrong = client.post("/account/security/authenticate/", {"code": "000000"})
    inside = client.get("/accounts/").status_code
    right = client.post("/account/security/authenticate/", {"code": code_of(secret)})

    assert (first.url, wrong.status_code, inside, right.status_code) == (
        "/account/security/authenticate/",
        200,
        302,
        302,
    )
    assert client.get("/accounts/").status_code == 200


def test_guessing_codes_locks_like_guessing_passwords():
    add_app(somebody())
    client = Client()
    sign_in(client)

    answers = [
        client.post("/account/security/authenticate/", {"code": f"00000{number}"}).status_code for number in range(6)
    ]

    assert answers[-1] == 429


def test_seeds_are_not_stored_in_clear():
    secret = add_app(somebody())

    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_setting_up_an_app_gives_recovery_codes_that_open_once():
    somebody()
    client = Client()
    sign_in(client)
    page = client.get("/account/security/totp/activate/").content.decode()
    secret = re.search(r'<span class="mono">([A-Z2-7]+)</span>', page)[1]

    done = client.post("/account/security/totp/activate/", {"code": code_of(secret)}, follow=True)
    codes = re.search(r"<pre[^>]*>([\d\s]+)</pre>", done.content.decode())[1].split()

    assert len(codes) == 10
    for expected in (302, 200):
        other = Client()
        sign_in(other)
        assert other.post("/account/security/authenticate/", {"code": codes[0]}).status_code == expected


def test_admins_are_sent_to_get_a_second_factor_where_it_is_required(settings):
    settings.REQUIRE_MFA = True
    somebody("boss", "admin")
    somebody()
    boss, rep = Client(), Client()
    sign_in(boss, "boss")
    sign_in(rep)

    assert boss.get("/accounts/").url == "/account/security/"
    assert "A second factor is needed" in boss.get("/account/security/").content.decode()
    assert rep.get("/accounts/").status_code == 200
    add_app(get_user_model().objects.get(username="boss"))
    assert boss.get("/accounts/").status_code == 200


def test_an_admin_may_not_drop_the_last_factor_where_it_is_required(settings):
    settings.REQUIRE_MFA = True
    secret = add_app(somebody("boss", "admin"))
    boss = Client()
    sign_in(boss, "boss")
    boss.post("/account/security/authenticate/", {"code": code_of(secret)})

    boss.post("/account/security/totp/deactivate/")

    assert Authenticator.objects.filter(type="totp").exists()


def test_a_link_by_mail_sets_a_new_password_once_in_the_users_language():
    person = somebody()
    person.language = "zh-hans"
    person.save()
    inside = Client()
    sign_in(inside)

    asked = Client().post("/account/forgotten/", {"email": "nancy@example.com"})
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(\S+)", letter.body)[1]
    client = Client()
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"new_password1": "another long one", "new_password2": "another long one"})

    assert (asked.url, letter.to) == ("/account/forgotten/sent/", ["nancy@example.com"])
    assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password="another long one").status_code == 302
    assert inside.get("/accounts/").status_code == 302, "who was signed in is signed out"
    assert "used already" in Client().get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail():
    assert Client().post("/account/forgotten/", {"email": "who@example.com"}).url == "/account/forgotten/sent/"
    assert mail.outbox == []


def test_sessions_are_listed_with_this_one_marked_and_ended_one_by_one():
    somebody()
    here = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36")
    there = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 17) Version/17.1 Safari/604.1")
    sign_in(here)
    sign_in(there)

    page = here.get("/account/sessions/").content.decode()
    other = sessions.sign_ins().get(agent__contains="iPhone")
    here.post(f"/account/sessions/{other.pk}/end/")

    assert ("Chrome 120, Linux" in page, "Safari 17, iPhone" in page, page.count("this one")) == (True, True, 1)
    assert there.get("/accounts/").status_code == 302
    assert here.get("/accounts/").status_code == 200


def test_behind_a_front_door_the_lock_and_the_session_name_the_real_address():
    somebody()
    behind = Client(headers={"x-forwarded-for": "198.51.100.7"})

    sign_in(behind, password="wrong")
    tried = AccessAttempt.objects.values_list("ip_address", flat=True).get()
    sign_in(behind)

    assert tried == "198.51.100.7"
    assert "198.51.100.7" in behind.get("/account/sessions/").content.decode()


def test_behind_a_front_door_a_stranger_locks_nobody_but_themselves(settings):
    settings.TRUSTED_PROXIES = [ip_network("172.30.83.2")]
    somebody()
    stranger, nancy = (
        Client(REMOTE_ADDR="172.30.83.2", headers={"x-forwarded-for": address}) for address in ("6.6.6.6", "192.0.2.7")
    )
    for _guess in range(settings.AXES_FAILURE_LIMIT):
        locked = sign_in(stranger, password="wrong")

    assert (locked.status_code, sign_in(nancy).status_code) == (429, 302)


def test_nobody_but_an_admin_ends_anothers_session():
    somebody()
    somebody("janet")
    somebody("boss", "admin")
    victim, rival, boss = Client(), Client(), Client()
    sign_in(victim)
    sign_in(rival, "janet")
    sign_in(boss, "boss")
    address = f"/account/sessions/{sessions.sign_ins().get(user__username='nancy').pk}/end/"

    assert rival.post(address).status_code == 404
    assert victim.get("/accounts/").status_code == 200
    assert boss.post(address).status_code == 302
    assert victim.get("/accounts/").status_code == 302


def test_a_new_password_ends_all_other_sessions():
    somebody()
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    told = {"old_password": PASSWORD, "new_password1": "another long one", "new_password2": "another long one"}

    here.post("/account/password/", told)

    assert (here.get("/accounts/").status_code, there.get("/accounts/").status_code) == (200, 302)
    assert sessions.sign_ins().count() == 1


def test_last_seen_costs_a_request_nothing_within_a_minute(django_assert_num_queries):
    client = Client()
    client.force_login(somebody())
    client.get("/account/forgotten/sent/")

    with django_assert_num_queries(page_queries(0)):
        client.get("/account/forgotten/sent/")


def test_an_old_proof_asks_again_and_then_does_what_was_posted():
    somebody()
    here, there = Client(), Client()
    sign_in(there)
    sign_in(here)
    stored = here.session
    stored[CONFIRMED_AT] = time.time() - 601
    stored.save()

    asked = here.post("/account/sessions/end-others/")
    kept = there.get("/accounts/").status_code
    wrong = here.post(asked.url, {"password": "wrong", "next": "/account/sessions/end-others/"})
    done = here.post(asked.url, {"password": PASSWORD, "next": "/account/sessions/end-others/"})

    assert asked.url == "/account/confirm/?next=%2Faccount%2Fsessions%2Fend-others%2F"
    assert (kept, wrong.status_code, done.url) == (200, 200, "/account/sessions/")
    assert there.get("/accounts/").status_code == 302


def test_programs_get_a_problem_instead_of_a_page():
    client = Client()
    client.force_login(somebody())
    stored = client.session
    stored[CONFIRMED_AT] = 0
    stored.save()

    answer = client.post("/account/sessions/end-others/", headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-required")
