from typing import Any

from django.utils.translation import gettext_lazy as _

NAVIGATION: list[dict[str, Any]] = [
    {"label": _("Today"), "icon": "home", "url_name": "today:home", "jump": "t"},
    {"label": _("Accounts"), "icon": "building", "url_name": "accounts:list", "jump": "a"},
    {"label": _("New"), "icon": "plus", "url_name": "today:new", "primary": True, "jump": "n"},
    {"label": _("Deals"), "icon": "layout-kanban", "url_name": "pipeline:board", "jump": "d"},
    {"label": _("Tickets"), "icon": "ticket", "url_name": "tickets:list", "jump": "k"},
    {"label": _("Catalogue"), "icon": "package", "url_name": "catalogue:list", "jump": "c", "secondary": True},
]
