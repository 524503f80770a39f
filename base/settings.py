"""The settings all three sides share; each side's `settings.py` names itself, its apps and nothing more."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from base import logs
from base.account.settings import APPS as ACCOUNT_APPS
from base.account.settings import account_settings
from base.env import ROOT, database_url, env_bool, env_int, env_list, env_proxies, env_text, parse_database_url, var_dir

SIDES = ("crm", "erp", "integration")
# What machines of the house ask each other for, by plain http; deploy/Caddyfile keeps it from the street.
HOUSE_PATHS = ("healthz", "readyz", "metrics", "events", "events/feed", "asks")


def side_settings(
    side: str, domains: list[str], enums: dict[str, str] | None = None, schedule: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything Django needs for one side; `domains` are its own apps, lowest layer first.

    `enums` names the choices that several records of the API call alike, such as `status`; `schedule` is what its
    worker does by the clock.
    """
    assert side in SIDES
    var = var_dir()
    return {
        "SIDE": side,
        "BASE_DIR": ROOT,
        "VAR_DIR": var,
        "DEBUG": env_bool("HEMING_DEBUG", False),
        "ALLOWED_HOSTS": env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver"),
        "ROOT_URLCONF": f"{side}.urls",
        "WSGI_APPLICATION": f"{side}.wsgi.application",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "access.User",
        "INSTALLED_APPS": [*_framework_apps(side), *domains],
        "MIDDLEWARE": MIDDLEWARE,
        "TEMPLATES": [_templates()],
        "DATABASES": {"default": _database(side)},
        "REST_FRAMEWORK": REST_FRAMEWORK,
        "SPECTACULAR_SETTINGS": _openapi(side, enums or {}),
        "API_BODY_BYTES_MAX": env_int("API_BODY_BYTES_MAX", 2 * 1024 * 1024),
        "API_RATE_USER": env_int("API_RATE_USER", 30_000),
        "API_RATE_ANONYMOUS": env_int("API_RATE_ANONYMOUS", 300),
        "API_REQUIRE_IF_MATCH": env_bool("API_REQUIRE_IF_MATCH", False),
        "TRUSTED_PROXIES": env_proxies("FORWARDED_ALLOW_IPS", "127.0.0.1"),
        "WEBHOOK_ALLOW_PRIVATE": env_bool("WEBHOOK_ALLOW_PRIVATE", False),
        "IDEMPOTENCY_KEPT_DAYS": env_int("IDEMPOTENCY_KEPT_DAYS", 30),
        "OFFLINE_PACK_HOURS": env_int("OFFLINE_PACK_HOURS", 72),
        "METER_KEPT_DAYS": env_int("METER_KEPT_DAYS", 400),
        "SIMPLE_HISTORY_HISTORY_ID_USE_UUID": False,
        "SIMPLE_HISTORY_REVERT_DISABLED": True,
        "LOGGING": logs.config(side),
        "METRICS_TOKEN": env_text("METRICS_TOKEN", ""),
        "CURRENCY": env_text("COMPANY_CURRENCY", "EUR"),
        "PEERS": _peers(),
        "MIGRATION_LOCK_SECONDS": env_int("MIGRATION_LOCK_SECONDS", 3),
        "RELAY_LANES": env_int("RELAY_LANES", 8),
        "HANDLER_SECONDS": env_int("HANDLER_SECONDS", 20),
        "RELAY_STALLED_SECONDS": env_int("RELAY_STALLED_SECONDS", 120),
        "INTAKE_WAITING_MAX": env_int("INTAKE_WAITING_MAX", 100_000),
        "INTAKE_LOOK_SECONDS": env_int("INTAKE_LOOK_SECONDS", 5),
        **_security(side),
        **_localisation(side),
        **account_settings(side, var),
        **_files(side, var),
        **_celery(side, schedule or {}),
    }


def _framework_apps(side: str) -> list[str]:
    return [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.humanize",
        "rest_framework",
        "django_filters",
        "drf_spectacular",
        "drf_spectacular_sidecar",
        "simple_history",
        *ACCOUNT_APPS,
        "base",
        f"{side}.access",
        "integration.outbox",
        "integration.inbox",
        "integration.webhooks",
    ]


# Everything comes from our own files: no inline script or style, no other host, no frame.
CONTENT_POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-src": ["'none'"],
    "frame-ancestors": ["'none'"],
}

MIDDLEWARE = [
    "base.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "base.middleware.user_preferences",
    "base.account.sessions.seen",
    "base.limits.rate_limit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "base.account.sessions.second_factor",
    "base.middleware.refusals",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "base.calling.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["base.scopes.Scoped"],
    "DEFAULT_PAGINATION_CLASS": "base.calling.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "base.calling.AlwaysJson",
    "DEFAULT_PARSER_CLASSES": ["base.calling.JsonBody"],
    "DEFAULT_SCHEMA_CLASS": "base.openapi.Schema",
    "EXCEPTION_HANDLER": "base.problems.problem",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "base.ui.navigation",
                "base.notices.unread_count",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "base.templatetags.ui",
                "base.templatetags.pieces",
            ],
        },
    }


PREPARED_AFTER = 3  # a connection's third call of a statement; no pooler between may forget what was prepared


def _database(side: str) -> dict[str, Any]:
    """Values go beside the statement: what runs all day is parsed and planned once a connection, not once a call."""
    settings = parse_database_url(database_url(side, env_text("HEMING_DB_ROLE", "app")))
    return {
        **settings,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": PREPARED_AFTER, **settings["OPTIONS"]},
        "CONN_MAX_AGE": env_int("CONN_MAX_AGE", 300),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{settings['NAME']}"},
    }


def _peers() -> dict[str, str]:
    """Where the sides listen for events, as their neighbours reach them."""
    return {
        side: env_text(f"{side.upper()}_WIRE_URL", env_text(f"{side.upper()}_URL", "http://127.0.0.1:0"))
        for side in SIDES
    }


def _security(side: str) -> dict[str, Any]:
    https = env_bool("HEMING_HTTPS", False)
    return {
        "SECRET_KEY": env_text(f"{side.upper()}_SECRET_KEY"),
        "SESSION_COOKIE_NAME": f"{side}_sessionid",
        "CSRF_COOKIE_NAME": f"{side}_csrftoken",
        "LANGUAGE_COOKIE_NAME": f"{side}_language",
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "LANGUAGE_COOKIE_SECURE": https,
        # Whether a request came by https is gunicorn's to say: it believes the proxies of FORWARDED_ALLOW_IPS only.
        "SECURE_SSL_REDIRECT": https,
        "SECURE_REDIRECT_EXEMPT": [rf"^({'|'.join(HOUSE_PATHS)})$"],
        "SECURE_HSTS_SECONDS": env_int("HSTS_SECONDS", 365 * 24 * 3600) if https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": https,
        "SECURE_HSTS_PRELOAD": https,
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": CONTENT_POLICY},
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_TRUSTED_ORIGINS": env_list("CSRF_TRUSTED_ORIGINS", ""),
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "LOGIN_URL": "login",
        "LOGIN_REDIRECT_URL": "/",
        "LOGOUT_REDIRECT_URL": "login",
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        ],
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 10 * 1024 * 1024,
    }


def _localisation(side: str) -> dict[str, Any]:
    return {
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", "English"), ("zh-hans", "简体中文")],
        # A side may say a word in its own trade's way: an account is a customer in the CRM, a 科目 in the ERP.
        "LOCALE_PATHS": [ROOT / "locale" / side, ROOT / "locale"],
        "USE_I18N": True,
        "USE_TZ": True,
        "USE_THOUSAND_SEPARATOR": True,
        "TIME_ZONE": env_text("TIME_ZONE", "UTC"),
    }


def _files(side: str, var: Path) -> dict[str, Any]:
    return {
        "STATIC_URL": "/static/",
        "STATIC_ROOT": var / "static" / side,
        "STATICFILES_DIRS": [ROOT / "static"],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "base.static.OurFilesHashed"},
        },
        "WHITENOISE_USE_FINDERS": env_bool("STATIC_FROM_SOURCE", env_bool("HEMING_DEBUG", False)),
        "MEDIA_ROOT": var / side / "media",
        "MEDIA_URL": "/media/",
        "KEYS_DIR": var / side / "keys",
        "JWKS_FILE": var / "keys" / "jwks.json",
    }


def _celery(side: str, schedule: dict[str, Any]) -> dict[str, Any]:
    """The broker is PostgreSQL by default (kombu's pgmq transport); one worker task at a time may run half an hour."""
    return {
        "CELERY_BROKER_URL": env_text("CELERY_BROKER_URL", env_text(f"{side.upper()}_BROKER_URL", "memory://")),
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "init_extension": False,
            "use_notify": True,
            "polling_interval": 0.2,
            "wait_time_seconds": 5,
            "visibility_timeout": 1800,
        },
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 4,
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_DEFAULT_QUEUE": side,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BEAT_SCHEDULE": {
            "resume-jobs": {"task": "base.resume_jobs", "schedule": 60.0, "options": {"expires": 50}},
            "forget-jobs": {"task": "base.forget_jobs", "schedule": 86_400.0},
            "forget-webhooks": {"task": "webhooks.forget_old", "schedule": crontab(hour=3, minute=37)},
            "forget-refusals": {"task": "inbox.forget_refusals", "schedule": crontab(hour=3, minute=27)},
            "forget-calls": {"task": "base.forget_calls", "schedule": crontab(hour=3, minute=17)},
            **schedule,
        },
    }


OPENAPI_DESCRIPTION = """\
Sign in with `Authorization: Bearer <token>`; tokens are made by their user, with scopes and an end, at `/tokens/`.

* Lists page by key: follow `next`. Money and quantities are strings.
* An `Idempotency-Key` on any POST, PUT, PATCH or DELETE does it once; the answer is kept for 30 days.
* An `X-Reason` on any of them stands in the history of what it changed.
* Every detail has an `ETag`; `If-Match` on a change refuses it (412) when somebody was quicker.
* Every no is `application/problem+json` (RFC 9457): `code` for programs, `detail` for people, `errors` by field.
* `RateLimit` says how many calls are left in this minute; beyond it 429 and `Retry-After`.
"""


def _openapi(side: str, enums: dict[str, str]) -> dict[str, Any]:
    titles = {"crm": _("Heming CRM"), "erp": _("Heming ERP"), "integration": _("Heming hub")}
    return {
        "TITLE": titles[side],
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "COMPONENT_SPLIT_REQUEST": True,
        "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "base.openapi.name_groups"],
        "ENUM_NAME_OVERRIDES": {
            "TokenStateEnum": "base.tokens.services.STATES",
            "WebhookStateEnum": "integration.webhooks.api.STATES",
            "WebhookDeliveryStateEnum": "integration.webhooks.models.DeliveryState",
            "JobStateEnum": "base.jobs.models.JobState",
            **enums,
        },
        "DESCRIPTION": OPENAPI_DESCRIPTION,
    }
