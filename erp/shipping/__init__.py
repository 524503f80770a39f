"""A shipment: goods of one order that left the house with a carrier, once and for good.

`dispatch` takes reserved goods only; it posts the stock moves (and with them the cost of goods sold), writes the
shipment and its lines, moves the order's counters and tells `ShipmentDispatched`, all in one transaction. What comes
back is a return, never a deleted shipment.

Emits `ShipmentDispatched`. Handles nothing.
"""
