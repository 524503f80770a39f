"""What this side has still to tell, for the hub's wall: by contract and by what went wrong."""

from django.db import connection

from integration.courier import NOT_NOW
from integration.lanes import WorkState
from integration.outbox.models import Message

Line = tuple[str, str, int | None, int, int]
NO_ANSWER, OTHER = 0, -1

# Only unfinished rows are read, by the partial index that holds nothing else. What only waits behind another has not
# failed; the hub's answer stands in brackets in the words of the failure.
_BACKLOG = f"""
SELECT type, state,
  CASE WHEN error IN ('', %(behind)s) THEN NULL
       WHEN error LIKE '%%does not answer%%' THEN {NO_ANSWER}
       ELSE coalesce(substring(error FROM '\\((\\d{{3}})\\)')::int, {OTHER}) END,
  count(*), greatest(0, extract(epoch FROM clock_timestamp() - min(created_at)))::int
FROM {Message._meta.db_table} WHERE state <> %(done)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 -- our own names


def backlog() -> list[Line]:
    """(contract, state, the hub's answer if it failed, how many, the oldest for how many seconds)."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG, {"behind": NOT_NOW.outcome.error, "done": WorkState.DONE.value})
        return list(cursor.fetchall())
