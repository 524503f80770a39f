from typing import Any

from django.utils.translation import gettext_lazy as _

from integration.rights import OPERATORS

NAVIGATION: list[dict[str, Any]] = [
    {"label": _("Monitor"), "icon": "activity", "url_name": "hub:monitor", "jump": "m"},
    {"label": _("Events"), "icon": "list-details", "url_name": "hub:events", "jump": "e"},
    {"label": _("Cases"), "icon": "alert-triangle", "url_name": "hub:cases", "jump": "c"},
    {"label": _("Pauses"), "icon": "player-pause", "url_name": "hub:pauses", "jump": "h", "secondary": True},
    {"label": _("Alerts"), "icon": "bell-ringing", "url_name": "hub:alerts", "jump": "a"},
    {"label": _("Parked"), "icon": "parking", "url_name": "hub:parked", "jump": "r"},
    {"label": _("Steps"), "icon": "stairs-up", "url_name": "hub:steps", "jump": "s", "secondary": True},
    {"label": _("Agreement"), "icon": "scale", "url_name": "hub:comparisons", "jump": "g", "secondary": True},
    {"label": _("Mapping"), "icon": "arrows-exchange", "url_name": "hub:mapping", "jump": "p", "secondary": True},
    {
        "label": _("Import"),
        "icon": "table-import",
        "url_name": "exchange:home",
        "roles": OPERATORS,
        "secondary": True,
    },
    {"label": _("Keys"), "icon": "key", "url_name": "hub:keys", "jump": "k", "secondary": True},
]

# What the palette (Ctrl-K) offers besides the places.
DEEDS: list[dict[str, Any]] = [
    {"label": _("Erasures"), "icon": "eraser", "url_name": "hub:erasures"},
    {"label": _("Notices"), "icon": "bell", "url_name": "notices:list"},
]
