"""What is due, on one page: the back office's home.

The desk owns no table. It reads what the other domains hold and puts it in queues by kind of work: orders to release,
goods to ship, invoices to issue, money to book, returns, vouchers. Each role sees its own
queues; auditor and admin see all.
"""
