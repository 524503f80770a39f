"""What is foreign: an item's worth in the books is what was booked of it, and gone when the item is."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "FX items": (
        _("What a foreign item is worth is what it was worth when booked, less what settled it, as revalued since."),
        """WITH items AS (
             SELECT i.number, i.id, NULL::uuid AS bill, i.house_payable, o.open_amount, o.house_open, i.rate
             FROM public.invoices_invoice i JOIN public.invoices_openitem o ON o.invoice_id = i.id
             WHERE i.rate IS NOT NULL OR o.house_open IS NOT NULL
             UNION ALL
             SELECT number, NULL, id, house_payable, open_amount, house_open, rate FROM public.bills_bill
             WHERE status = 'posted' AND (rate IS NOT NULL OR house_open IS NOT NULL)),
           settled AS (
             SELECT invoice_id AS id, house_amount AS worth FROM public.invoices_allocation
             UNION ALL SELECT credit_id, credit_house FROM public.invoices_allocation
             UNION ALL SELECT bill_id, house_amount FROM public.bills_billpayment),
           revalued AS (
             SELECT coalesce(l.invoice_id, l.bill_id) AS id, l.after - l.before AS worth
             FROM public.revaluation_revaluationline l
             JOIN public.revaluation_revaluation r ON r.id = l.revaluation_id AND r.reversal_id IS NULL)
           SELECT t.number AS what, format('booked %s, settled %s, revalued by %s, worth %s, open %s', t.house_payable,
                  coalesce(s.worth, 0), coalesce(r.worth, 0), t.house_open, t.open_amount) AS detail
           FROM items t
           LEFT JOIN (SELECT id, sum(worth) AS worth FROM settled GROUP BY id) s ON s.id = coalesce(t.id, t.bill)
           LEFT JOIN (SELECT id, sum(worth) AS worth FROM revalued GROUP BY id) r ON r.id = coalesce(t.id, t.bill)
           WHERE t.house_open IS DISTINCT FROM t.house_payable - coalesce(s.worth, 0) + coalesce(r.worth, 0)
              OR t.rate IS NULL OR t.house_open < 0 OR (t.open_amount = 0 AND t.house_open <> 0)""",
    ),
    "FX lines": (
        _("Of each party and currency, lines and open items agree in that currency and in the books' own."),
        """SELECT format('%s %s', coalesce(t.code, b.party), coalesce(t.currency, b.currency)) AS what,
                  format('%s: items %s worth %s, lines %s worth %s', coalesce(t.role, b.role), coalesce(t.amount, 0),
                         coalesce(t.worth, 0), coalesce(b.amount, 0), coalesce(b.worth, 0)) AS detail
           FROM (SELECT u.role, p.code, u.currency, sum(u.amount) AS amount, sum(u.worth) AS worth FROM (
                   SELECT 'receivable' AS role, i.party_id, i.currency, s.sign * o.open_amount AS amount,
                          s.sign * o.house_open AS worth
                   FROM public.invoices_invoice i JOIN public.invoices_openitem o ON o.invoice_id = i.id
                   CROSS JOIN LATERAL (SELECT CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign) s
                   WHERE i.rate IS NOT NULL
                   UNION ALL
                   SELECT 'payable', party_id, currency, -open_amount, -house_open FROM public.bills_bill
                   WHERE status = 'posted' AND rate IS NOT NULL) u
                 JOIN public.parties_party p ON p.id = u.party_id GROUP BY u.role, p.code, u.currency) t
           FULL JOIN (SELECT a.role, l.party, l.currency, sum(l.foreign_amount) AS amount,
                             sum(l.debit - l.credit) AS worth
                      FROM public.ledger_journalline l
                      JOIN public.ledger_account a ON a.id = l.account_id AND a.role IN ('receivable', 'payable')
                      JOIN public.ledger_company c ON c.id = a.company_id
                      WHERE l.currency <> c.base_currency GROUP BY a.role, l.party, l.currency) b
             ON (b.role, b.party, b.currency) = (t.role, t.code, t.currency)
           WHERE coalesce(t.amount, 0) <> coalesce(b.amount, 0) OR coalesce(t.worth, 0) <> coalesce(b.worth, 0)""",
    ),
    "FX entries": (
        _("A line in another currency says its amount there, and one in the books' own says none."),
        """SELECT e.number AS what, format('line %s: %s in %s, %s in the books', l.position, l.foreign_amount,
                  l.currency, l.debit - l.credit) AS detail
           FROM public.ledger_journalline l JOIN public.ledger_journalentry e ON e.id = l.entry_id
           JOIN public.ledger_company c ON c.id = e.company_id
           WHERE (l.currency = c.base_currency) <> (l.foreign_amount IS NULL)""",
    ),
    "FX receipts": (
        _("Money in another currency: what the bank booked is what it settled, with the gain or loss of its entry."),
        """SELECT r.number AS what, format('booked %s, settled %s, gained %s', r.house_amount, s.worth, b.gain)
                  AS detail
           FROM public.banking_receipt r
           CROSS JOIN LATERAL (SELECT coalesce(sum(worth), 0) AS worth FROM (
             SELECT house_amount AS worth FROM public.invoices_allocation WHERE receipt_id = r.id
             UNION ALL SELECT house_amount FROM public.bills_billpayment WHERE receipt_id = r.id) u) s
           CROSS JOIN LATERAL (SELECT coalesce(sum(l.credit - l.debit), 0) AS gain FROM public.ledger_journalline l
             JOIN public.ledger_account a ON a.id = l.account_id AND a.role IN ('exchange_gain', 'exchange_loss')
             WHERE l.entry_id = r.entry_id) b
           WHERE r.house_amount IS NOT NULL
             AND r.house_amount <> s.worth + CASE WHEN r.kind IN ('refund', 'paid') THEN -b.gain ELSE b.gain END""",
    ),
    "FX revaluations": (
        _("A revaluation's entry is what its items changed, each by the rate that it names."),
        """SELECT r.day::text AS what, format('%s of %s in %s: items %s, entry %s', d.role, d.party, d.currency, d.told,
                  d.booked) AS detail
           FROM public.revaluation_revaluation r CROSS JOIN LATERAL public.revaluation_differences(r.id) d
           UNION ALL
           SELECT r.day::text, format('line %s: %s at %s is not %s', l.position, l.open_amount, l.rate, l.after)
           FROM public.revaluation_revaluation r JOIN public.revaluation_revaluationline l ON l.revaluation_id = r.id
           JOIN public.ledger_company c ON c.id = r.company_id
           WHERE l.after <> round(l.open_amount * l.rate, c.currency_digits)""",
    ),
}
