"""A cell changed in place."""

from typing import Any

from base.listing.columns import Column
from base.roles import has_role


def may_edit(column: Column, row: Any, user: Any) -> bool:
    """May this user change this cell of this row?"""
    edit = column.edit
    if edit is None or (edit.roles and not has_role(user, *edit.roles)):
        return False
    return edit.may is None or edit.may(row, user)
