"""The resources side: parties, goods, orders, invoices and the books; strict, dense, auditable."""
