"""Notices: one line for one person, kept until read. Services write them, the bell in every shell counts them.

`notify([order.rep], _("Order {number} was released."), url=order.get_absolute_url(), tone="good")`
"""

from base.notices.models import NoticeBase, Tone
from base.notices.services import notify, read, unread_count

__all__ = ["NoticeBase", "Tone", "notify", "read", "unread_count"]
