"""The saved views of a list, as one reader has them, and which of them a question shows or began with."""

from functools import cached_property
from typing import Any

from django.apps import apps
from django.http import QueryDict

from base.listing.listing import Listing
from base.standing import standing_of

PLACE = ("after", "before", "open", "part")
"""Parameters that say where in a list one is, and not what one asks of it."""


class WithViews:
    """The part of a question that saved views answer."""

    listing: Listing
    user: Any
    given: QueryDict

    @cached_property
    def saved(self) -> list[Any]:
        """The reader's views, those shared with them, and their arrangement; one query, none where there are none."""
        if self.listing.name not in standing_of(self.user).lists_with_views:
            return []
        model = apps.get_model("access", "SavedView")
        return list(model.objects.visible_to(self.user).filter(listing=self.listing.name))

    @property
    def views_key(self) -> tuple[Any, ...]:
        """What the menu of views shows: a key of the piece it is kept as."""
        menu = tuple((view.pk, view.name, view.team, view.default) for view in self.views)
        return menu, self.view and self.view.pk, self.base_view and self.base_view.pk

    @cached_property
    def views(self) -> list[Any]:
        """Those with a name."""
        return [view for view in self.saved if view.name]

    @cached_property
    def arrangement(self) -> QueryDict:
        """How the reader has arranged the columns."""
        own = next((view for view in self.saved if not view.name and view.owner_id == self.user.pk), None)
        return QueryDict(own.state if own else "")

    @cached_property
    def view(self) -> Any:
        """The saved view that is shown as it was saved; a bare address shows the reader's default."""
        if wanted := self.given.get("view", ""):
            return next((view for view in self.views if str(view.pk) == wanted), None)
        if any(name not in PLACE for name in self.given):
            return None
        mine = sorted((view for view in self.views if view.default), key=lambda view: view.owner_id != self.user.pk)
        return mine[0] if mine else None

    @cached_property
    def base_view(self) -> Any:
        """The saved view this question started from, shown or changed since."""
        if self.view is not None:
            return self.view
        started = self.given.get("from", "")
        return next((view for view in self.views if str(view.pk) == started), None)

    @property
    def editable_views(self) -> list[Any]:
        """The views this reader may change."""
        return [view for view in self.views if view.editable_by(self.user)]

    @property
    def base_view_editable(self) -> bool:
        """May the change be saved to the view it started from?"""
        return self.base_view is not None and self.base_view.editable_by(self.user)
