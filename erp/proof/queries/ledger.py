"""The books themselves."""

from django.utils.translation import gettext_lazy as _

# What the process role must not be able to write, and what no session may switch off.
APPEND_ONLY = ("ledger_journalentry", "ledger_journalline", "inventory_stockmove", "invoices_invoice")

QUERIES = {
    "I1 sides": (
        _("A line has a debit or a credit, in whole cents; it is negative only in a red-letter reversal."),
        """SELECT e.number AS what,
                  format('line %s: debit %s, credit %s', l.position, l.debit, l.credit) AS detail
           FROM public.ledger_journalline l JOIN public.ledger_journalentry e ON e.id = l.entry_id
           WHERE (l.debit = 0) = (l.credit = 0) OR scale(trim_scale(l.debit)) > 2 OR scale(trim_scale(l.credit)) > 2
              OR ((l.debit < 0 OR l.credit < 0) AND e.reverses_id IS NULL)
              OR l.foreign_amount * (l.debit - l.credit) < 0""",
    ),
    "I2 balance": (
        _("Debits equal credits in every entry, which has two lines or more and their sum as its total."),
        """SELECT e.number AS what,
                  format('debits %s, credits %s, lines %s, total %s', s.debit, s.credit, s.lines, e.total)
                  AS detail
           FROM public.ledger_journalentry e
           LEFT JOIN (SELECT entry_id, sum(debit) AS debit, sum(credit) AS credit, count(*) AS lines
                      FROM public.ledger_journalline GROUP BY entry_id) s ON s.entry_id = e.id
           WHERE s.debit IS DISTINCT FROM s.credit OR coalesce(s.lines, 0) < 2 OR e.total IS DISTINCT FROM s.debit""",
    ),
    "I3 grants": (
        _("The processes cannot write by hand what is posted."),
        f"""SELECT t AS what, format('%s has %s', current_user, p) AS detail
           FROM unnest(ARRAY{list(APPEND_ONLY)}) t, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
           WHERE has_table_privilege(format('public.%I', t), p)""",  # noqa: S608 -- our own names
    ),
    "I3 triggers": (
        _("No trigger that guards the books is missing or switched off."),
        f"""SELECT t AS what, 'no enabled trigger refuses changes' AS detail
           FROM unnest(ARRAY{list(APPEND_ONLY)}) t
           WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g
                             WHERE g.tgrelid = format('public.%I', t)::regclass AND NOT g.tgisinternal
                               AND g.tgenabled IN ('O', 'A'))
           UNION ALL
           SELECT c.relname, format('trigger %s is switched off', g.tgname)
           FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
           WHERE NOT g.tgisinternal AND g.tgenabled NOT IN ('O', 'A')""",  # noqa: S608 -- our own names
    ),
    "I4 reversals": (
        _("An entry is reversed once, by its mirror; a reversal is not reversed."),
        """SELECT r.number AS what, format('reverses %s', o.number) AS detail
           FROM public.ledger_journalentry r JOIN public.ledger_journalentry o ON o.id = r.reverses_id
           WHERE o.reverses_id IS NOT NULL
              OR EXISTS (SELECT FROM (SELECT account_id, party, debit, credit, debit - credit AS amount
                                      FROM public.ledger_journalline WHERE entry_id = o.id) a
                         FULL JOIN (SELECT account_id, party, debit - credit AS amount
                                    FROM public.ledger_journalline WHERE entry_id = r.id) b
                           ON b.account_id = a.account_id AND b.party = a.party AND b.amount = -a.amount
                         WHERE a.account_id IS NULL OR b.account_id IS NULL)""",
    ),
    "I5 periods": (
        _("An entry lies in its period and was posted before that was closed."),
        """SELECT e.number AS what,
                  format('dated %s, posted %s, in %s', e.date, e.posted_at, to_char(p.starts_on, 'YYYY-MM'))
                  AS detail
           FROM public.ledger_journalentry e JOIN public.ledger_period p ON p.id = e.period_id
           WHERE e.date NOT BETWEEN p.starts_on AND p.ends_on OR e.company_id <> p.company_id
              OR (p.status = 'closed' AND e.posted_at > (SELECT max(c.changed_at) FROM public.ledger_periodchange c
                                                         WHERE c.period_id = p.id AND c.became = 'closed'))""",
    ),
    "I6 numbers": (
        _("The numbers of a series have no gap and none is there twice."),
        """SELECT format('%s-%s', n.series, n.year) AS what,
                  format('numbers 1 to %s, but %s entries; the counter says %s', n.last, n.entries, s.last) AS detail
           FROM (SELECT company_id, series, year, max(sequence) AS last, min(sequence) AS first, count(*) AS entries,
                        count(DISTINCT sequence) AS numbers
                 FROM public.ledger_journalentry GROUP BY company_id, series, year) n
           LEFT JOIN public.ledger_series s ON s.company_id = n.company_id AND s.code = n.series AND s.year = n.year
           WHERE n.first <> 1 OR n.last <> n.entries OR n.numbers <> n.entries OR s.last IS DISTINCT FROM n.last""",
    ),
    "I7 keys": (
        _("What has one key was posted once."),
        """SELECT key AS what, format('%s entries', count(*)) AS detail
           FROM public.ledger_journalentry GROUP BY company_id, key HAVING count(*) > 1""",
    ),
    "I9 accounts": (
        _("Lines stand on accounts of the entry's company that take lines."),
        """SELECT e.number AS what, format('line %s on %s', l.position, a.code) AS detail
           FROM public.ledger_journalline l JOIN public.ledger_journalentry e ON e.id = l.entry_id
           JOIN public.ledger_account a ON a.id = l.account_id
           WHERE a.is_group OR a.company_id <> e.company_id OR l.date <> e.date""",
    ),
    "I9 vouchers": (
        _("No voucher posted to an account that belongs to documents."),
        """SELECT e.number AS what, format('line %s on control account %s', l.position, a.code) AS detail
           FROM public.ledger_voucher v JOIN public.ledger_journalentry e ON e.id = v.entry_id
           JOIN public.ledger_journalline l ON l.entry_id = e.id JOIN public.ledger_account a ON a.id = l.account_id
           WHERE a.control""",
    ),
    "I25 approval": (
        _("Nobody approved a large voucher of their own."),
        """SELECT e.number AS what,
                  format('%s, written and posted by the same person', e.total) AS detail
           FROM public.ledger_voucher v JOIN public.ledger_journalentry e ON e.id = v.entry_id
           JOIN public.ledger_company c ON c.id = v.company_id
           WHERE v.created_by_id = v.posted_by_id AND e.total >= c.approval_from""",
    ),
}
