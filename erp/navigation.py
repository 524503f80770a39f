from typing import Any

from django.utils.translation import gettext_lazy as _

_MONEY = ("accountant", "auditor", "admin")
_INVOICES = (*_MONEY, "order_desk")

NAVIGATION: list[dict[str, Any]] = [
    {"label": _("Desk"), "icon": "home", "url_name": "desk:home", "jump": "d"},
    {"label": _("Orders"), "icon": "clipboard-list", "url_name": "orders:list", "jump": "o"},
    {"label": _("Shipments"), "icon": "truck", "url_name": "shipping:list", "jump": "s"},
    {
        "label": _("Invoices"),
        "icon": "file-invoice",
        "url_name": "invoices:list",
        "jump": "i",
        "roles": _INVOICES,
        "secondary": True,
    },
    {
        "label": _("Bills"),
        "icon": "file-import",
        "url_name": "bills:list",
        "jump": "a",
        "roles": _MONEY,
        "secondary": True,
    },
    {
        "label": _("Receipts"),
        "icon": "cash",
        "url_name": "banking:receipts",
        "jump": "r",
        "roles": _MONEY,
        "secondary": True,
    },
    {
        "label": _("Deposits"),
        "icon": "pig-money",
        "url_name": "banking:deposits",
        "jump": "x",
        "roles": _MONEY,
        "secondary": True,
    },
    {"label": _("Returns"), "icon": "arrow-back-up", "url_name": "returns:list", "jump": "u", "secondary": True},
    {"label": _("Products"), "icon": "package", "url_name": "products:list", "jump": "p", "secondary": True},
    {"label": _("Stock"), "icon": "building-warehouse", "url_name": "inventory:stock", "jump": "k"},
    {"label": _("Parties"), "icon": "users", "url_name": "parties:list", "jump": "y", "secondary": True},
    {"label": _("Vouchers"), "icon": "pencil", "url_name": "ledger:vouchers", "jump": "v", "secondary": True},
    {"label": _("Journal"), "icon": "book", "url_name": "ledger:journal", "jump": "j", "secondary": True},
    {
        "label": _("Statements"),
        "icon": "report-money",
        "url_name": "statements:home",
        "jump": "l",
        "roles": _MONEY,
        "secondary": True,
    },
    {"label": _("Trial balance"), "icon": "scale", "url_name": "ledger:trial_balance", "jump": "b", "secondary": True},
    {
        "label": _("Proof"),
        "icon": "shield-check",
        "url_name": "proof:home",
        "jump": "f",
        "roles": _MONEY,
        "secondary": True,
    },
    {
        "label": _("Import"),
        "icon": "table-import",
        "url_name": "exchange:home",
        "roles": ("accountant", "order_desk", "warehouse", "admin"),
        "secondary": True,
    },
    {
        "label": _("Events"),
        "icon": "inbox",
        "url_name": "wire:incoming",
        "roles": ("auditor", "admin"),
        "secondary": True,
    },
]

# What the palette (Ctrl-K) offers besides the places.
_DESK = ("order_desk", "admin")
_BOOKS = ("accountant", "admin")
_STOCK = ("warehouse", "accountant", "admin")
DEEDS: list[dict[str, Any]] = [
    {"label": _("New order"), "icon": "clipboard-list", "url_name": "orders:new", "roles": _DESK},
    {"label": _("New voucher"), "icon": "pencil", "url_name": "ledger:new_voucher", "roles": _BOOKS},
    {"label": _("New bill"), "icon": "file-import", "url_name": "bills:new", "roles": _BOOKS},
    {"label": _("New supplier"), "icon": "users", "url_name": "parties:new", "roles": _BOOKS},
    {"label": _("New product"), "icon": "package", "url_name": "products:new", "roles": (*_DESK, "accountant")},
    {"label": _("Receive goods"), "icon": "package-import", "url_name": "inventory:receive", "roles": _STOCK},
    {"label": _("Unreported deposit"), "icon": "pig-money", "url_name": "banking:new_deposit", "roles": _BOOKS},
    {"label": _("Orders to ship"), "icon": "truck", "url_name": "shipping:waiting"},
    {"label": _("Orders to invoice"), "icon": "file-invoice", "url_name": "invoices:waiting", "roles": _INVOICES},
    {"label": _("Opening items"), "icon": "calendar-due", "url_name": "openings:list", "roles": _MONEY},
    {"label": _("Opening balances"), "icon": "scale", "url_name": "openings:days", "roles": _MONEY},
    {"label": _("Aging of receivables"), "icon": "clock-exclamation", "url_name": "invoices:aging", "roles": _MONEY},
    {"label": _("Sales by month"), "icon": "chart-bar", "url_name": "invoices:sales", "roles": _MONEY},
    {"label": _("Received e-invoices"), "icon": "file-import", "url_name": "einvoice:list", "roles": _MONEY},
    {"label": _("Receive an e-invoice"), "icon": "file-import", "url_name": "einvoice:receive", "roles": _BOOKS},
    {"label": _("Fapiao register"), "icon": "receipt-tax", "url_name": "fapiao:list", "roles": _MONEY},
    {"label": _("Letterhead"), "icon": "id", "url_name": "einvoice:letterhead", "roles": _MONEY},
    {"label": _("Chart of accounts"), "icon": "list-numbers", "url_name": "ledger:chart", "roles": _MONEY},
    {"label": _("Periods"), "icon": "calendar", "url_name": "ledger:periods", "roles": _MONEY},
    {"label": _("Exchange rates"), "icon": "coins", "url_name": "rates:list", "roles": _INVOICES},
    {"label": _("Payment terms"), "icon": "calendar-due", "url_name": "terms:list"},
    {"label": _("Revaluation"), "icon": "coins", "url_name": "revaluation:home", "roles": _MONEY},
    {"label": _("VAT returns"), "icon": "receipt-tax", "url_name": "tax:returns", "roles": _MONEY},
    {"label": _("Next VAT return"), "icon": "receipt-tax", "url_name": "tax:draw", "roles": _BOOKS},
    {"label": _("Tax rates"), "icon": "receipt-tax", "url_name": "tax:rates", "roles": _INVOICES},
    {"label": _("Notices"), "icon": "bell", "url_name": "notices:list"},
]
