"""What the other side told: a promise became one order, a deposit a task, and every event is signed and in order."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "Deals": (
        _("Every won deal that was applied is one order."),
        """SELECT i.event_id::text AS what, 'no order' AS detail FROM public.inbox_incoming i
           WHERE i.type = 'crm.deal.won.v1' AND i.state = 'done' AND i.mode = 'live'
             AND NOT EXISTS (SELECT FROM public.orders_order o
                             WHERE o.deal = ((convert_from(i.body, 'UTF8')::jsonb)->'data'->>'deal')::uuid)""",
    ),
    "Deposits": (
        _("Every deposit that a rep heard of is a task on the desk, or what became of it."),
        """SELECT i.event_id::text AS what, 'no deposit' AS detail FROM public.inbox_incoming i
           WHERE i.type = 'crm.deposit.reported.v1' AND i.state = 'done' AND i.mode = 'live'
             AND NOT EXISTS (SELECT FROM public.banking_deposit d
                             WHERE d.id = ((convert_from(i.body, 'UTF8')::jsonb)->'data'->>'deposit')::uuid)""",
    ),
    "I24 outbox": (
        _("What was told of a thing is numbered without a gap."),
        """SELECT aggregate AS what,
                  format('%s events, the last is %s', count(*), max(position)) AS detail
           FROM public.outbox_message GROUP BY aggregate
           HAVING count(*) <> max(position) - min(position) + 1 OR count(DISTINCT position) <> count(*)""",
    ),
    "I24 signatures": (
        _("Every event that came keeps its signature and the key's name."),
        """SELECT event_id::text AS what, 'no signature' AS detail FROM public.inbox_incoming
           WHERE signature = '' OR keyid = ''""",
    ),
}
