"""A passkey is made and used in a real browser, with a virtual authenticator."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.crm import makers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _with_authenticator(page: Any) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    told = {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}}
    session.send("WebAuthn.addVirtualAuthenticator", told)


def test_a_passkey_signs_in_without_a_password(live_server, settings, browser):
    settings.WHITENOISE_USE_FINDERS = True
    person = makers.user("rep", name="nancy")
    person.set_password("correct horse battery")
    person.save()
    home = live_server.url.replace("127.0.0.1", "localhost")
    page = browser.new_page()
    _with_authenticator(page)
    page.goto(f"{home}/login/")
    page.fill("#id_username", "nancy")
    page.fill("#id_password", "correct horse battery")
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto(f"{home}/account/security/webauthn/add/")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/add/" not in url)
    made = set(Authenticator.objects.values_list("type", flat=True))
    page.context.clear_cookies()
    page.goto(f"{home}/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto(f"{home}/account/sessions/")
    seen = page.locator("h1").inner_text()
    page.context.close()

    assert (made, seen) == ({"webauthn", "recovery_codes"}, "Your sessions")
