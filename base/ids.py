"""Identifiers that sort by the time they were made."""

import os
import threading
import time
from uuid import UUID

_made = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562), so that new rows land at an index's end and one process' rows stay in their order.

    48 bits of milliseconds, then 12 bits of their fraction (§6.2, method 3), at least one more than the last time.

    >>> uuid7().version
    7
    >>> first, second = uuid7(), uuid7()
    >>> first < second
    True
    """
    global _last
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = milliseconds << 12 | rest * 4096 // 1_000_000
    with _made:
        _last = stamp = max(stamp, _last + 1)
    tail = int.from_bytes(os.urandom(8), "big")
    value = (stamp >> 12 & (1 << 48) - 1) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return UUID(int=value)
