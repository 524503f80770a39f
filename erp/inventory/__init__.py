"""Stock as double entry: what leaves one place arrives at another, and its value moves through the books with it.

A move goes from one location to another (SUPPLIER → MAIN is a receipt, MAIN → CUSTOMER a shipment, ADJUST is where
counting differences come from) and is never changed. Balances of our own locations (on hand, reserved, value) follow
from the moves. Valuation is the moving average, kept as value: the last unit out carries what is left.

All writing happens in three SQL functions (`sql/`), which lock the balances in key order, compute the value under that
lock and post the ledger entry in the same statement; the process may only read the tables. A reservation belongs to
a reference (an order's line) and is consumed by the shipment of that line.

Emits `erp.stock.valued` for the joint view only (valuing.py); orders and shipping tell the rest.
"""
