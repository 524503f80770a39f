"""The one door to rows: pages, lists, exports, search and the API read a model through `visible_to(user)`.

A model whose rows are seen by role names its readers: `READERS = EVERYBODY`. One with a rule of its own writes
`visible_to` in its queryset. tests/shape/test_visible.py finds whoever reads past it.
"""

from typing import Any, Self

from django.db import models

from base.roles import has_role


class VisibleQuerySet(models.QuerySet[Any]):
    """Rows that only their readers see."""

    def visible_to(self, user: Any) -> Self:
        """All to the model's `READERS`, nothing to anybody else."""
        return self if has_role(user, *self.model.READERS) else self.none()
