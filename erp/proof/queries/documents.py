"""Orders, invoices, money: what was promised is what is billed, once, and what is owed is what the books say."""

from django.utils.translation import gettext_lazy as _

# Debits less credits of the account with a role, per company.
_BALANCE = """SELECT a.company_id, sum(l.debit - l.credit) AS balance
  FROM public.ledger_account a JOIN public.ledger_journalline l ON l.account_id = a.id
  WHERE a.role = '{role}' GROUP BY a.company_id"""

QUERIES = {
    "I9 receivables": (
        _("Open items, ours and those from before, less what was paid too much, add up to the receivables account."),
        f"""SELECT c.name AS what,
                  format('open items %s, paid too much %s, account %s', coalesce(i.owed, 0), coalesce(r.rest, 0),
                         coalesce(b.balance, 0)) AS detail
           FROM public.ledger_company c
           LEFT JOIN (SELECT company_id, sum(owed) AS owed FROM (
                        SELECT i.company_id, coalesce(o.house_open, o.open_amount)
                               * CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS owed
                        FROM public.invoices_openitem o JOIN public.invoices_invoice i ON i.id = o.invoice_id
                        UNION ALL
                        SELECT company_id, open_amount FROM public.openings_openingitem WHERE side = 'receivable') both_
                      GROUP BY company_id) i ON i.company_id = c.id
           LEFT JOIN (SELECT r.company_id, sum(r.amount
                        - coalesce((SELECT sum(amount) FROM public.invoices_allocation WHERE receipt_id = r.id), 0)
                        - coalesce((SELECT sum(amount) FROM public.openings_openingallocation
                                    WHERE receipt_id = r.id), 0)
                        - coalesce((SELECT sum(amount) FROM public.banking_receipt WHERE refunds_id = r.id), 0)) AS rest
                      FROM public.banking_receipt r WHERE r.excess > 0 GROUP BY r.company_id) r ON r.company_id = c.id
           LEFT JOIN ({_BALANCE.format(role="receivable")}) b ON b.company_id = c.id
           WHERE coalesce(i.owed, 0) - coalesce(r.rest, 0) <> coalesce(b.balance, 0)""",  # noqa: S608 -- our own words
    ),
    "I9 deposits": (
        _("Deposits that are not used up add up to the liability to customers."),
        f"""SELECT c.name AS what,
                  format('deposits %s, account %s', coalesce(d.held, 0), coalesce(-b.balance, 0)) AS detail
           FROM public.ledger_company c
           LEFT JOIN (SELECT company_id, sum(net - (consumed_amount - consumed_tax) - (refunded_amount - refunded_tax))
                        AS held
                      FROM public.banking_deposit WHERE receipt_id IS NOT NULL GROUP BY company_id) d
             ON d.company_id = c.id
           LEFT JOIN ({_BALANCE.format(role="customer_deposits")}) b ON b.company_id = c.id
           WHERE coalesce(d.held, 0) <> coalesce(-b.balance, 0)""",  # noqa: S608 -- our own words
    ),
    "I10 allocations": (
        _("What settled a document and what is open of it make up what was to be paid."),
        """SELECT i.number AS what, format('payable %s, settled %s, given %s, open %s', i.payable, coalesce(a.got, 0),
                  coalesce(g.given, 0), o.open_amount) AS detail
           FROM public.invoices_invoice i LEFT JOIN public.invoices_openitem o ON o.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(amount) AS got FROM public.invoices_allocation GROUP BY invoice_id) a
             ON a.invoice_id = i.id
           LEFT JOIN (SELECT credit_id, sum(amount) AS given FROM public.invoices_allocation GROUP BY credit_id) g
             ON g.credit_id = i.id
           WHERE o.open_amount IS DISTINCT FROM i.payable - coalesce(a.got, 0) - coalesce(g.given, 0)
              OR o.open_amount < 0""",
    ),
    "I10 instalments": (
        _("Instalments follow one another and add up to what their document asks, from its due day on."),
        """SELECT i.number AS what, format('asks %s from %s on, %s in %s instalments from %s on', i.payable, i.due,
                  sum(n.amount), count(*), min(n.due)) AS detail
           FROM (SELECT *, sum(amount) OVER w AS told, lag(due) OVER w AS before FROM public.invoices_instalment
                 WINDOW w AS (PARTITION BY invoice_id ORDER BY position)) n
           JOIN public.invoices_invoice i ON i.id = n.invoice_id GROUP BY i.id
           HAVING sum(n.amount) <> i.payable OR min(n.due) <> i.due OR count(*) < 2
               OR bool_or(n.until <> n.told) OR bool_or(n.due <= n.before)""",
    ),
    "I10 receipts": (
        _("A payment settles and pays back no more than came in; what it left open it says."),
        """SELECT r.number AS what, format('%s came in, %s settled, %s paid back, %s told as too much', r.amount,
                  coalesce(a.settled, 0), coalesce(b.back, 0), r.excess) AS detail
           FROM public.banking_receipt r
           LEFT JOIN (SELECT receipt_id, sum(amount) AS settled FROM (
                        SELECT receipt_id, amount FROM public.invoices_allocation UNION ALL
                        SELECT receipt_id, amount FROM public.openings_openingallocation) both_ GROUP BY receipt_id) a
             ON a.receipt_id = r.id
           LEFT JOIN (SELECT refunds_id, sum(amount) AS back FROM public.banking_receipt
                      WHERE refunds_id IS NOT NULL GROUP BY refunds_id) b ON b.refunds_id = r.id
           WHERE coalesce(a.settled, 0) + coalesce(b.back, 0) > r.amount
              OR (r.kind = 'payment' AND r.amount - coalesce(a.settled, 0) - coalesce(b.back, 0) > r.excess)""",
    ),
    "I6 invoices": (
        _("Invoice numbers have no gap and follow their dates."),
        """WITH numbered AS (
             SELECT number, date, company_id, kind, regexp_replace(number, '[0-9]+$', '') AS series,
                    substring(number FROM '[0-9]+$')::bigint AS n
             FROM public.invoices_invoice),
           neighbours AS (
             SELECT *, lag(n) OVER w AS n_before, lag(date) OVER w AS date_before
             FROM numbered WINDOW w AS (PARTITION BY company_id, series ORDER BY n))
           SELECT number AS what, format('after %s of %s', n_before, date_before) AS detail
           FROM neighbours WHERE n <> coalesce(n_before, 0) + 1 OR date < date_before""",
    ),
    "Once": (
        _("No unit is on two invoices, and none was invoiced that did not leave."),
        """SELECT format('%s line %s', o.number, l.position) AS what,
                  format('shipped %s, invoiced %s, on invoices %s', l.quantity_shipped, l.quantity_invoiced,
                         coalesce(s.billed, 0)) AS detail
           FROM public.orders_orderline l JOIN public.orders_order o ON o.id = l.order_id
           LEFT JOIN (SELECT i.order_line_id, sum(i.quantity) AS billed FROM public.invoices_invoiceline i
                      JOIN public.invoices_invoice d ON d.id = i.invoice_id AND d.kind = 'invoice'
                      WHERE i.kind = 'goods' GROUP BY i.order_line_id) s ON s.order_line_id = l.id
           WHERE l.quantity_invoiced <> coalesce(s.billed, 0) OR l.quantity_invoiced > l.quantity_shipped""",
    ),
    "Tax": (
        _("The tax of a document is its lines' tax and what its entry owes."),
        """SELECT i.number AS what, format('lines %s, entry %s', s.tax, b.tax) AS detail
           FROM public.invoices_invoice i
           JOIN (SELECT invoice_id, sum(tax) AS tax, sum(net) FILTER (WHERE kind <> 'deposit') AS net
                 FROM public.invoices_invoiceline GROUP BY invoice_id) s ON s.invoice_id = i.id
           LEFT JOIN (SELECT l.entry_id, sum(coalesce(-l.foreign_amount, l.credit - l.debit)) AS tax
                      FROM public.ledger_journalline l
                      JOIN public.ledger_account a ON a.id = l.account_id AND a.role = 'vat_output'
                      GROUP BY l.entry_id) b ON b.entry_id = i.entry_id
           WHERE coalesce(b.tax, 0) <> CASE i.kind WHEN 'credit_note' THEN -s.tax ELSE s.tax END OR s.net <> i.net""",
    ),
    "I23 promises": (
        _("Quantities and prices of an order are those that the sales side signed."),
        """SELECT format('%s line %s', o.number, l.position) AS what,
                  format('promised %s × %s − %s, stands %s × %s − %s', p.quantity, p.unit_price, p.discount,
                         l.quantity, l.unit_price, l.discount) AS detail
           FROM public.orders_order o JOIN public.orders_orderline l ON l.order_id = o.id
           CROSS JOIN LATERAL jsonb_to_recordset(o.promise->'lines')
             AS p(line uuid, quantity numeric, unit_price numeric, discount numeric)
           WHERE o.deal IS NOT NULL AND p.line = l.deal_line
             AND (p.quantity, p.unit_price, p.discount) IS DISTINCT FROM (l.quantity, l.unit_price, l.discount)""",
    ),
    "I23 prices": (
        _("An invoice's prices are its order's."),
        """SELECT i.number AS what, format('%s: order %s − %s, invoice %s − %s', n.sku, o.unit_price, o.discount,
                  n.unit_price, n.discount) AS detail
           FROM public.invoices_invoiceline n JOIN public.orders_orderline o ON o.id = n.order_line_id
           JOIN public.invoices_invoice i ON i.id = n.invoice_id
           WHERE n.kind = 'goods' AND (n.unit_price, n.discount) IS DISTINCT FROM (o.unit_price, o.discount)""",
    ),
}
