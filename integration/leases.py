"""Who works on which lane of a queue: leases with fencing tokens, shared evenly by whoever is there.

All times are the database's, so a relay whose own clock is wrong neither keeps nor takes what is not its own. A lease
that ends later than any lease can was given before that clock was set back: it is none. And who was killed on this very
machine is not waited for: its process is seen to be gone.
"""

import os
import socket
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction

LEASE_SECONDS = 10
LOOK_SECONDS = LEASE_SECONDS / 3


def holder_name(pid: int, part: str) -> str:
    """Who works here: the machine and its table of processes, the process, and its part."""
    return f"{_HERE}:{pid}:{part}"


def is_gone(holder: str) -> bool:
    """Has this holder's process ended? Known only of processes on this machine; a fencing token bears an error."""
    here, _colon, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if here != _HERE or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _here() -> str:
    """Two containers may call themselves alike, and each counts its processes from 1."""
    try:
        processes = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        processes = 0
    return f"{socket.gethostname()[:30].replace(':', '-')}.{processes}"


_HERE = _here()


def share_of(holder: str, members: set[str], lanes: int) -> int:
    """How many lanes are this holder's: as even as can be, and nobody is left without one while there are enough.

    >>> [share_of(holder, {"a", "b", "c"}, 8) for holder in "abc"]
    [3, 3, 2]
    """
    everybody = sorted({*members, holder})
    each, over = divmod(lanes, len(everybody))
    return each + (everybody.index(holder) < over)


class LaneLease(models.Model):
    """Who works on a lane, until when; the token grows with every change of hands.

    `progressed_at` is when the holder last came to the end of a round: it lives, and it gets on.
    """

    queue = models.CharField(max_length=60)
    lane = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=80)
    token = models.BigIntegerField(default=1)
    expires_at = models.DateTimeField()
    progressed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "outbox"
        constraints = [models.UniqueConstraint(fields=["queue", "lane"], name="one_lease_per_lane")]


class LaneMember(models.Model):
    """A worker that is there, whether or not it holds a lane: each gets its share."""

    queue = models.CharField(max_length=60)
    holder = models.CharField(max_length=80)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "outbox"
        constraints = [models.UniqueConstraint(fields=["queue", "holder"], name="one_member_per_worker")]


_SEEN = """
INSERT INTO outbox_lanemember AS known (queue, holder, seen_at) VALUES (%(queue)s, %(holder)s, clock_timestamp())
ON CONFLICT (queue, holder) DO UPDATE SET seen_at = excluded.seen_at
"""
_GONE = "DELETE FROM outbox_lanemember WHERE queue = %(queue)s AND seen_at < clock_timestamp() - interval '1 hour'"
_STATE = """
SELECT array(SELECT holder FROM outbox_lanemember
             WHERE queue = %(queue)s AND seen_at > clock_timestamp() - make_interval(secs => %(seconds)s)
               AND seen_at <= clock_timestamp()),
       array(SELECT lane FROM outbox_lanelease WHERE queue = %(queue)s AND holder = %(holder)s ORDER BY lane),
       array(SELECT holder || ' ' || lane FROM outbox_lanelease WHERE queue = %(queue)s AND holder <> %(holder)s
             AND expires_at BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => 2 * %(seconds)s))
"""
# A worker that starts afresh under an old name gets new tokens too: what it claimed before was somebody else's.
_TAKE = """
INSERT INTO outbox_lanelease AS held (queue, lane, holder, token, expires_at, progressed_at)
SELECT %(queue)s, lane, %(holder)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s), clock_timestamp()
FROM unnest(%(lanes)s::int[]) lane ORDER BY lane
ON CONFLICT (queue, lane) DO UPDATE
SET token = held.token + CASE WHEN held.holder = excluded.holder AND NOT %(afresh)s THEN 0 ELSE 1 END,
    holder = excluded.holder, expires_at = excluded.expires_at,
    progressed_at = CASE WHEN %(progressed)s OR held.holder <> excluded.holder OR %(afresh)s
                         THEN clock_timestamp() ELSE held.progressed_at END
WHERE held.holder = excluded.holder OR held.holder = ANY(%(gone)s)
   OR held.expires_at NOT BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => 2 * %(seconds)s)
RETURNING lane, token
"""
# The predecessor of a worker died of one row: what else it had claimed was not even begun, or is done. So it is in each
# of its lanes, in those too that its heir has to let go of.
_ABSOLVE = """
UPDATE {table} m SET attempts = m.attempts - 1, claim = 0
FROM outbox_lanelease l
WHERE l.queue = %(queue)s AND l.holder = %(holder)s AND m.lane = l.lane AND m.claim = l.token
  AND m.state = 'waiting' AND m.attempts > 0 AND m.id <> %(died_of)s
"""
# Who waits for lanes hears of it at once.
_RELEASE = """
WITH let_go AS (
  UPDATE outbox_lanelease SET expires_at = clock_timestamp() - interval '1 second'
  WHERE queue = %(queue)s AND holder = %(holder)s AND lane = ANY(%(lanes)s) RETURNING lane)
SELECT pg_notify(%(channel)s, '') FROM let_go LIMIT 1
"""


class Leases:
    """One worker's lanes of one queue."""

    def __init__(self, queue: str, table: str, holder: str, channel: str) -> None:
        self.queue, self.table, self.holder, self.channel = queue, table, holder, channel
        self.wanted = list(range(int(settings.RELAY_LANES)))
        self.afresh = True
        self.died_of: UUID | None = None  # what the one before us, of the same name, did not survive

    def renew(self, progressed: bool) -> dict[int, int]:
        """Be seen, keep or take a fair share of the lanes, let go of the rest; lane → fencing token."""
        told = self._told | {"seconds": LEASE_SECONDS}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SEEN, told)
            cursor.execute(_STATE, told)
            members, mine, leases = cursor.fetchone()
            taken = {int(lane): holder for holder, _space, lane in (lease.rpartition(" ") for lease in leases)}
            gone = [holder for holder in {*members, *taken.values()} if is_gone(holder)]
            others = [lane for lane, holder in taken.items() if holder not in gone]
            share = share_of(self.holder, set(members) - set(gone), len(self.wanted))
            keep = [lane for lane in mine if lane in self.wanted][:share]
            free = [lane for lane in self.wanted if lane not in mine and lane not in others]
            lanes = keep + free[: share - len(keep)]
            if self.afresh and self.died_of is not None:
                cursor.execute(_ABSOLVE.format(table=self.table), told | {"died_of": self.died_of})
            if surplus := [lane for lane in mine if lane not in keep]:
                cursor.execute(_RELEASE, told | {"lanes": surplus})
            told |= {"lanes": lanes, "gone": gone, "afresh": self.afresh, "progressed": progressed}
            cursor.execute(_TAKE, told)
            tokens = dict(cursor.fetchall())
        self.afresh, self.died_of = False, None
        return tokens

    def leave(self) -> None:
        """Let others have the lanes at once; what a worker does that stops in order."""
        with transaction.atomic(), connection.cursor() as cursor:
            told = self._told
            cursor.execute(_RELEASE, told | {"lanes": self.wanted})
            cursor.execute("DELETE FROM outbox_lanemember WHERE queue = %(queue)s AND holder = %(holder)s", told)
            cursor.execute(_GONE, told)

    @property
    def _told(self) -> dict[str, Any]:
        return {"queue": self.queue, "holder": self.holder, "channel": self.channel}
