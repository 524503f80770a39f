"""Roles are Django groups; one word is asked at every door: view, API, service."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from base.refusals import NotAllowed
from base.scopes import Scoped
from base.standing import standing_of

Answer = TypeVar("Answer", bound=HttpResponseBase)


def roles_of(user: Any) -> frozenset[str]:
    """The user's role names, read once per user object."""
    return standing_of(user).roles if getattr(user, "is_authenticated", False) else frozenset()


def has_role(user: Any, *roles: str) -> bool:
    """Has the user one of the roles? An active superuser has all."""
    return bool(user.is_active and (user.is_superuser or roles_of(user).intersection(roles)))


def rights_of(user: Any) -> tuple[bool, bool, frozenset[str]]:
    """All that `has_role` looks at: people with the same rights are answered the same."""
    return bool(user.is_active), bool(user.is_superuser), roles_of(user)


def require(user: Any, *roles: str) -> None:
    """Go on only with one of these roles."""
    if not has_role(user, *roles):
        raise NotAllowed()


def role_required(*roles: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Signed in and in one of the roles; an empty list asks for the sign-in only."""

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            if roles:
                require(request.user, *roles)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class RolePermission(Scoped):
    """For the API: `permission_classes = [RolePermission.of("rep", read=("agent",))]`."""

    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    @classmethod
    def of(cls, *write: str, read: tuple[str, ...] = ()) -> type["RolePermission"]:
        """A permission class: `write` roles may do all, `read` roles may look."""
        return type("RolePermission", (cls,), {"write": write, "read": read})

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        allowed = self.write + self.read if request.method in SAFE_METHODS else self.write
        return has_role(request.user, *allowed)
