"""The documents of the API are read where there is no way out: every file comes from this server, and by the policy."""

import pytest
from django.conf import settings as site
from django.test import Client

from tests.crm import makers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_documents_page_works_without_the_internet(live_server, settings, browser):
    settings.WHITENOISE_USE_FINDERS = True
    reader = Client()
    reader.force_login(makers.user("rep"))
    session = reader.cookies[site.SESSION_COOKIE_NAME].value
    context = browser.new_context()
    context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda word: said.append(word.text) if word.type in ("error", "warning") else None)

    page.goto(f"{live_server.url}/api/docs/")
    page.click('.opblock-tag[data-tag="Accounts"]', timeout=20_000)
    page.wait_for_selector(".opblock", timeout=20_000)
    shown = page.locator("body").inner_text()
    context.close()

    assert "/api/v1/accounts/" in shown
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert [word for word in said if "Content Security Policy" in word or "Failed to load" in word] == []
