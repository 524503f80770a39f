"""What we owe: bills, their payments, and the account."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "I9 payables": (
        _("What is open of bills, and of items from before, adds up to the payables account."),
        """SELECT c.name AS what, format('bills %s, account %s', coalesce(o.owed, 0), coalesce(b.owed, 0)) AS detail
           FROM public.ledger_company c
           LEFT JOIN (SELECT company_id, sum(open_amount) AS owed FROM (
                        SELECT company_id, coalesce(house_open, open_amount) AS open_amount FROM public.bills_bill
                        UNION ALL
                        SELECT company_id, open_amount FROM public.openings_openingitem WHERE side = 'payable') both_
                      GROUP BY company_id) o ON o.company_id = c.id
           LEFT JOIN (SELECT a.company_id, sum(l.credit - l.debit) AS owed
                      FROM public.ledger_account a JOIN public.ledger_journalline l ON l.account_id = a.id
                      WHERE a.role = 'payable' GROUP BY a.company_id) b ON b.company_id = c.id
           WHERE coalesce(o.owed, 0) <> coalesce(b.owed, 0)""",
    ),
    "I10 bills": (
        _("What was paid of a bill and what is open of it make up what was asked; a supplier's number is there once."),
        """SELECT b.number AS what, format('asked %s, paid %s, open %s', b.payable, coalesce(p.paid, 0), b.open_amount)
                  AS detail
           FROM public.bills_bill b
           LEFT JOIN (SELECT bill_id, sum(amount) AS paid FROM public.bills_billpayment GROUP BY bill_id) p
             ON p.bill_id = b.id
           WHERE b.status = 'posted' AND b.open_amount <> b.payable - coalesce(p.paid, 0)
           UNION ALL
           SELECT min(number), format('%s times', count(*)) FROM public.bills_bill WHERE status <> 'discarded'
           GROUP BY party_id, upper(number) HAVING count(*) > 1""",
    ),
    "I10 bill instalments": (
        _("Instalments of a bill follow one another and add up to what it asks, from its due day on."),
        """SELECT b.number AS what, format('asks %s from %s on, %s in %s instalments from %s on', b.payable, b.due,
                  sum(n.amount), count(*), min(n.due)) AS detail
           FROM (SELECT *, sum(amount) OVER w AS told, lag(due) OVER w AS before FROM public.bills_billinstalment
                 WINDOW w AS (PARTITION BY bill_id ORDER BY position)) n
           JOIN public.bills_bill b ON b.id = n.bill_id GROUP BY b.id
           HAVING sum(n.amount) <> b.payable OR min(n.due) <> b.due OR count(*) < 2
               OR bool_or(n.until <> n.told) OR bool_or(n.due <= n.before)""",
    ),
    "I10 openings": (
        _("What was paid of an item from before and what is open of it make up what was unpaid, as its entry says."),
        """SELECT i.number AS what, format('unpaid %s, paid %s, open %s, booked %s, taken back %s', i.amount,
                  coalesce(a.paid, 0), i.open_amount, coalesce(b.booked, 0), i.reversal_id IS NOT NULL) AS detail
           FROM public.openings_openingitem i
           LEFT JOIN (SELECT item_id, sum(amount) AS paid FROM public.openings_openingallocation GROUP BY item_id) a
             ON a.item_id = i.id
           LEFT JOIN LATERAL (SELECT sum(abs(l.debit - l.credit)) AS booked FROM public.ledger_journalline l
                      JOIN public.ledger_account c ON c.id = l.account_id AND c.role = i.side
                      WHERE l.entry_id = i.entry_id) b ON true
           WHERE i.open_amount <> CASE WHEN i.reversal_id IS NULL THEN i.amount - coalesce(a.paid, 0) ELSE 0 END
              OR (i.reversal_id IS NOT NULL AND a.paid > 0) OR coalesce(b.booked, 0) <> i.amount""",
    ),
}
