"""Money that moves between our bank and a customer, and deposits: money that comes before the goods.

A **receipt** is written once and stays: a payment of an invoice, a deposit, or a refund (money out). Each has its
ledger entry from the same transaction.

A **deposit** is first a rumour: the CRM heard of money (`DepositReported`), and a task stands on the accountant's desk
the same minute, due the same working day. From there it lives:

    reported → booked → consumed (invoices took it, oldest first)
                      → refunded (what invoices did not take went back, its tax reversed in its own period)
    reported → dismissed (no money came, and this is why)

Where the law taxes a deposit when it is received (the tax domain's dated rule), booking parts the gross into the
liability to the customer and output tax. The rate is that of the one tax class all lines of its order share, or of the
standard class when the order is not known or its lines differ, on the day the money came. What was taxed is written on
the deposit, and settling takes from exactly that, so no cent of tax is billed twice or lost.

Handles `crm.deposit.reported`; emits `erp.payment.received` (kind deposit) once the order is known.
"""
