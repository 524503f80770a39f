"""The books themselves."""

from django.utils.translation import gettext_lazy as _

# What the process role must not be able to write, and what no session may switch off.
APPEND_ONLY = ("ledger_journalentry", "ledger_journalline", "ledger_seal", "inventory_stockmove", "invoices_invoice")

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
              OR (p.status IN ('closed', 'hard') AND e.posted_at > (SELECT max(c.changed_at)
                     FROM public.ledger_periodchange c WHERE c.period_id = p.id AND c.became = 'closed'))""",
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
    "I8 seals": (
        _("The seals are one chain, and each begins where the one before it of its series ended."),
        """SELECT s.position::text AS what,
                  format('%s-%s %s to %s, after %s', s.series, s.year, s.first_sequence, s.last_sequence, s.ended)
                  AS detail
           FROM (SELECT k.*, row_number() OVER chain AS place, coalesce(lag(head) OVER chain, '') AS head_before,
                        coalesce(lag(last_sequence) OVER (PARTITION BY company_id, series, year
                                                          ORDER BY first_sequence), 0) AS ended
                 FROM public.ledger_seal k WINDOW chain AS (PARTITION BY company_id ORDER BY position)) s
           WHERE s.place <> s.position OR s.head_before <> s.previous OR s.first_sequence <> s.ended + 1""",
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
    "I9 cost centres": (
        _("Lines name the cost centre and project that their account asks for, of their own company."),
        """SELECT e.number AS what, format('line %s on %s lacks what that asks for', l.position, a.code) AS detail
           FROM public.ledger_account a JOIN public.ledger_journalline l ON l.account_id = a.id
           JOIN public.ledger_journalentry e ON e.id = l.entry_id
           WHERE (l.cost_centre_id IS NULL AND l.date >= a.cost_centre_from
                  OR l.project_id IS NULL AND l.date >= a.project_from)
             AND e.reverses_id IS NULL AND e.source_type <> 'year_end'
             AND NOT EXISTS (SELECT FROM public.ledger_journalentry r WHERE r.reverses_id = e.id)
           UNION ALL
           SELECT e.number, format('line %s names a %s that is none of its company', l.position, n.kind)
           FROM (SELECT id, entry_id, position, 'cost_centre' AS kind, cost_centre_id AS named
                   FROM public.ledger_journalline WHERE cost_centre_id IS NOT NULL
                 UNION ALL
                 SELECT id, entry_id, position, 'project', project_id
                   FROM public.ledger_journalline WHERE project_id IS NOT NULL) n
           JOIN public.ledger_journalline l ON l.id = n.id
           JOIN public.ledger_journalentry e ON e.id = n.entry_id
           LEFT JOIN public.ledger_dimension d ON d.id = n.named AND d.kind = n.kind AND d.company_id = e.company_id
           WHERE d.id IS NULL""",
    ),
    "I12 sums": (
        _("The folded balances are the sums of the lines they were folded from."),
        """SELECT a.code AS what, format('%s: %s lines say %s and %s, the sums %s and %s', coalesce(l.day, d.day),
                                         coalesce(l.lines, 0), l.debit, l.credit, d.debit, d.credit) AS detail
           FROM (SELECT l.account_id, l.date AS day, sum(l.debit) AS debit, sum(l.credit) AS credit, count(*) AS lines
                 FROM public.ledger_foldmark m
                 JOIN public.ledger_journalentry e ON e.series = m.series AND e.year = m.year
                   AND e.sequence <= m.sequence AND e.company_id = m.company_id
                 JOIN public.ledger_journalline l ON l.entry_id = e.id
                 GROUP BY 1, 2) l
           FULL JOIN public.ledger_daysum d ON d.account_id = l.account_id AND d.day = l.day
           JOIN public.ledger_account a ON a.id = coalesce(l.account_id, d.account_id)
           WHERE (l.debit, l.credit) IS DISTINCT FROM (d.debit, d.credit)""",
    ),
    "I12 months": (
        _("The sums of months are those of their days."),
        """SELECT a.code AS what, format('%s: days say %s and %s, the month %s and %s', coalesce(d.month, m.month),
                                         d.debit, d.credit, m.debit, m.credit) AS detail
           FROM (SELECT account_id, date_trunc('month', day)::date AS month, sum(debit) AS debit, sum(credit) AS credit
                 FROM public.ledger_daysum GROUP BY 1, 2) d
           FULL JOIN public.ledger_monthsum m ON m.account_id = d.account_id AND m.month = d.month
           JOIN public.ledger_account a ON a.id = coalesce(d.account_id, m.account_id)
           WHERE (d.debit, d.credit) IS DISTINCT FROM (m.debit, m.credit)""",
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
