from typing import Any

from django.utils.translation import gettext_lazy as _

NAVIGATION: list[dict[str, Any]] = [
    {"label": _("Today"), "icon": "home", "url_name": "today:home", "jump": "t"},
    {"label": _("Accounts"), "icon": "building", "url_name": "accounts:list", "jump": "a"},
    {"label": _("New"), "icon": "plus", "url_name": "today:new", "primary": True, "jump": "n"},
    {"label": _("Deals"), "icon": "layout-kanban", "url_name": "pipeline:board", "jump": "d"},
    {"label": _("Tickets"), "icon": "ticket", "url_name": "tickets:list", "jump": "k"},
    {"label": _("Leads"), "icon": "user-plus", "url_name": "leads:list", "jump": "l", "secondary": True},
    {"label": _("Public pool"), "icon": "lifebuoy", "url_name": "accounts:pool", "jump": "p", "secondary": True},
    {"label": _("Catalogue"), "icon": "package", "url_name": "catalogue:list", "jump": "c", "secondary": True},
    {"label": _("Promotions"), "icon": "percentage", "url_name": "promotions:list", "secondary": True},
    {
        "label": _("Import"),
        "icon": "table-import",
        "url_name": "exchange:home",
        "roles": ("rep", "agent", "manager", "admin"),
        "secondary": True,
    },
    {
        "label": _("Entry times"),
        "icon": "clock",
        "url_name": "meter:entry",
        "roles": ("manager", "admin"),
        "secondary": True,
    },
    {
        "label": _("To mend"),
        "icon": "alert-triangle",
        "url_name": "liaison:amendments",
        "roles": ("manager", "admin"),
        "secondary": True,
    },
    {"label": _("Events"), "icon": "inbox", "url_name": "wire:incoming", "roles": ("admin",), "secondary": True},
]

# What the palette (Ctrl-K) offers besides the places.
DEEDS: list[dict[str, Any]] = [
    {"label": _("Log a call or visit"), "icon": "phone", "url_name": "today:log"},
    {"label": _("New lead"), "icon": "user-plus", "url_name": "leads:new"},
    {"label": _("New account"), "icon": "building", "url_name": "accounts:new"},
    {"label": _("New deal"), "icon": "layout-kanban", "url_name": "pipeline:new", "roles": ("rep", "manager", "admin")},
    {"label": _("New ticket"), "icon": "ticket", "url_name": "tickets:choose_account"},
    {"label": _("All deals"), "icon": "list", "url_name": "pipeline:list"},
    {"label": _("Deals in figures"), "icon": "chart-bar", "url_name": "pipeline:figures"},
    {"label": _("New promotion"), "icon": "percentage", "url_name": "promotions:new", "roles": ("manager", "admin")},
    {"label": _("Tags"), "icon": "tags", "url_name": "accounts:tag_list"},
    {"label": _("Custom fields"), "icon": "forms", "url_name": "accounts:field_list", "roles": ("admin",)},
    {"label": _("Notices"), "icon": "bell", "url_name": "notices:list"},
]
