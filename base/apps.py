from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

from base import statements


class BaseConfig(AppConfig):
    name = "base"
    label = "base"

    def ready(self) -> None:
        """What registers itself is imported; the side's Celery app becomes the current one: pages send work, too."""
        import_module("base.openapi")
        import_module("base.history")
        import_module("base.exchange.work")
        autodiscover_modules("resources")
        import_module(f"{settings.SIDE}.celery")
        for module in ("bulk", "exporting"):
            import_module(f"base.listing.{module}")
        for module in ("jobs.lists", "notices.lists", "account.people_lists", "exchange.lists"):
            import_module(f"base.{module}")
        autodiscover_modules("lists", "running_lists")
        autodiscover_modules("search")
        _listen_to_sign_ins()
        connection_created.connect(statements.keep, dispatch_uid="statements stay prepared")


def _listen_to_sign_ins() -> None:
    """Django and allauth tell of sign-ins and proofs by signals; each is one call of ours."""
    from allauth.account.signals import authentication_step_completed  # these need the app registry
    from django.contrib.auth.signals import user_logged_in

    from base.account.sessions import begin
    from base.stepup import confirm

    def proved(sender: Any, request: Any, reauthenticated: bool = False, **_told: Any) -> None:
        if reauthenticated:
            confirm(request)

    user_logged_in.connect(begin, dispatch_uid="sign-in begins")
    authentication_step_completed.connect(proved, dispatch_uid="proved again", weak=False)
