"""The smallest Django view that shows the same rows: a session, a user, one query, one bare table."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

PAGE = engines["django"].from_string(
    "<!doctype html><title>Accounts</title><table>{% for account in accounts %}<tr><td>{{ account.name }}"
    "<td>{{ account.credit_band }}<td>{{ account.city }}<td>{{ account.owner.username }}</tr>{% endfor %}</table>"
)


def accounts(request: HttpRequest) -> HttpResponse:
    """Fifty rows."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    table = apps.get_app_config("accounts").get_model("Account")
    rows = table._default_manager.select_related("owner").order_by("name_key", "id")[:50]
    return HttpResponse(PAGE.render({"accounts": rows}))


urlpatterns = [path("accounts/", accounts)]
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
application = WSGIHandler()
