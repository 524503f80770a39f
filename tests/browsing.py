"""A real browser at the live server, signed in as somebody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
# Everything that works without a connection is there.
CONTROLLED = "navigator.serviceWorker.ready.then(() => offline.ready).then(() => offline.queue.pack()).then(Boolean)"


def signed_in(browser: Browser, live_server: Any, somebody: Any, **how: Any) -> BrowserContext:
    """Their browser, `how` as Playwright says it; it asks for no password."""
    client = Client()
    client.force_login(somebody)
    context = browser.new_context(**how)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return context


@contextmanager
def phone_of(browser: Browser, live_server: Any, somebody: Any, script: str = "", **how: Any) -> Iterator[Page]:
    """Their phone at Today, ready to lose its line; `script` runs first on each of its pages."""
    context = signed_in(browser, live_server, somebody, **PHONE, **how)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(live_server.url)
    page.wait_for_function(CONTROLLED)
    yield page
    context.set_offline(True)  # nothing asks the server any more while its database goes
    context.close()
