"""The verbs of saved views: keep, change, remove, and how somebody arranges a list for themselves."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from base.listing.asking import Asked
from base.listing.listing import Listing
from base.refusals import BadInput, NotAllowed, NotFound
from base.standing import forget

STATE_MAX = 4000


@transaction.atomic
def arrange(asked: Asked, columns: list[str]) -> None:
    """Remember which columns this user sees, and in which order; none means as the list has them."""
    known = [name for name in dict.fromkeys(columns) if name in asked.known]
    state = QueryDict(mutable=True)
    if known and known != [column.name for column in asked.known.values() if column.shown]:
        state["columns"] = ",".join(known)
    _model().objects.update_or_create(
        listing=asked.listing.name, owner=asked.user, name="", defaults={"state": state.urlencode(safe=",")}
    )
    forget(asked.user)


@transaction.atomic
def save_view(listing: Listing, user: Any, name: str, state: str, *, team: bool = False, default: bool = False) -> Any:
    """Keep a question under a name; the same name again is the same view, asked anew."""
    name = _named(name)
    state = _tidy(listing, user, state)
    own = {"state": state, "team": team, "default": default}
    view, _new = _model().objects.update_or_create(listing=listing.name, owner=user, name=name, defaults=own)
    _only_default(view)
    forget(user)
    return view


@transaction.atomic
def change_view(listing: Listing, user: Any, pk: UUID, **changes: Any) -> Any:
    """Rename a view, ask it anew, share it or show it first; its owner or an admin."""
    view = _editable(listing, user, pk)
    if "name" in changes:
        changes["name"] = _named(changes["name"])
        twin = _model().objects.filter(listing=listing.name, owner=view.owner, name=changes["name"]).exclude(pk=pk)
        if twin.exists():
            raise BadInput(why=_("There is a view of this name already."), field="name")
    if "state" in changes:
        changes["state"] = _tidy(listing, user, changes["state"])
    for name, value in changes.items():
        setattr(view, name, value)
    view.save()
    _only_default(view)
    return view


@transaction.atomic
def remove_view(listing: Listing, user: Any, pk: UUID) -> None:
    """Nobody needs it any more."""
    _editable(listing, user, pk).delete()


def _named(name: str) -> str:
    """The name without blanks around and in rows."""
    name, most = " ".join(name.split()), _model()._meta.get_field("name").max_length
    if not name:
        raise BadInput(why=_("A view needs a name."), field="name")
    if len(name) > most:
        raise BadInput(why=_("A view's name has at most {n} characters.").format(n=most), field="name")
    return name


def _model() -> Any:
    return apps.get_model("access", "SavedView")


def _editable(listing: Listing, user: Any, pk: UUID) -> Any:
    """The view, if the user may change it; of another's own view nobody learns that it is there."""
    seen = _model().objects.visible_to(user).select_for_update().filter(listing=listing.name)
    view = seen.exclude(name="").filter(pk=pk).first()
    if view is None:
        raise NotFound(what=_("The view"))
    if not view.editable_by(user):
        raise NotAllowed()
    return view


def _tidy(listing: Listing, user: Any, state: str) -> str:
    """Only what the list understands, and not the place in it."""
    if len(state) > STATE_MAX or "\x00" in state:
        raise BadInput(why=_("This asks for too much to be kept as a view."))
    asked = Asked.told(listing, user, state.lstrip("?"))
    known = {*asked.listing.filterset.known(), "ordering", "columns", "group"}
    kept = QueryDict(mutable=True)
    for name, values in asked.params.lists():
        if name in known:
            kept.setlist(name, values)
    return kept.urlencode(safe=",")


def _only_default(view: Any) -> None:
    """One view is shown first: of one's own, and of those one shares."""
    if view.default:
        others = _model().objects.filter(listing=view.listing, owner=view.owner, default=True, team=view.team)
        others.exclude(pk=view.pk).update(default=False)
