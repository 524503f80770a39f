"""Goods: what lies there is what moved, and it is worth what the books say."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "I13 balances": (
        _("A balance is the sum of its moves, never negative, and reserves no more than lies there."),
        """WITH moved AS (
             SELECT product_id, location_id, sum(quantity) AS quantity, sum(value) AS value FROM (
               SELECT product_id, to_location_id AS location_id, quantity, value FROM public.inventory_stockmove
               UNION ALL
               SELECT product_id, from_location_id, -quantity, -value FROM public.inventory_stockmove) m
             GROUP BY product_id, location_id),
           held AS (SELECT product_id, location_id, sum(quantity) AS quantity
                    FROM public.inventory_stockreservation GROUP BY product_id, location_id)
           SELECT p.sku AS what, format('on hand %s worth %s, moves %s worth %s, reserved %s of %s', b.on_hand, b.value,
                  coalesce(m.quantity, 0), coalesce(m.value, 0), b.reserved, coalesce(h.quantity, 0)) AS detail
           FROM public.inventory_stockbalance b JOIN public.products_product p ON p.id = b.product_id
           LEFT JOIN moved m ON m.product_id = b.product_id AND m.location_id = b.location_id
           LEFT JOIN held h ON h.product_id = b.product_id AND h.location_id = b.location_id
           WHERE b.on_hand < 0 OR b.reserved < 0 OR b.reserved > b.on_hand OR b.on_hand <> coalesce(m.quantity, 0)
              OR b.value <> coalesce(m.value, 0) OR b.reserved <> coalesce(h.quantity, 0)""",
    ),
    "I15 worth": (
        _("Nothing is worth nothing, and nothing has a negative worth."),
        """SELECT p.sku AS what, format('on hand %s worth %s', b.on_hand, b.value) AS detail
           FROM public.inventory_stockbalance b JOIN public.products_product p ON p.id = b.product_id
           WHERE b.value < 0 OR (b.on_hand = 0 AND b.value <> 0)""",
    ),
    "I16 entries": (
        _("Every move that changes what the stock is worth has its entry, for just that much."),
        """WITH worth AS (
             SELECT m.entry_id, sum(CASE WHEN t.internal THEN m.value ELSE 0 END
                                    - CASE WHEN f.internal THEN m.value ELSE 0 END) AS value, min(p.sku) AS sku,
                    bool_or(t.internal <> f.internal AND m.value <> 0 AND m.entry_id IS NULL) AS missing
             FROM public.inventory_stockmove m JOIN public.inventory_location t ON t.id = m.to_location_id
             JOIN public.inventory_location f ON f.id = m.from_location_id
             JOIN public.products_product p ON p.id = m.product_id
             GROUP BY m.entry_id)
           SELECT w.sku AS what, format('moves %s, entry %s', w.value, b.value) AS detail
           FROM worth w
           LEFT JOIN (SELECT l.entry_id, sum(l.debit - l.credit) AS value FROM public.ledger_journalline l
                      JOIN public.ledger_account a ON a.id = l.account_id AND a.role = 'inventory'
                      GROUP BY l.entry_id) b ON b.entry_id = w.entry_id
           WHERE w.missing OR (w.entry_id IS NOT NULL AND w.value <> coalesce(b.value, 0))""",
    ),
    "I16 account": (
        _("The stock's worth is the inventory account."),
        """SELECT c.name AS what,
                  format('stock %s, account %s', coalesce(s.value, 0), coalesce(b.balance, 0)) AS detail
           FROM public.ledger_company c
           CROSS JOIN LATERAL (SELECT sum(b.value) AS value FROM public.inventory_stockbalance b
                               JOIN public.inventory_location l ON l.id = b.location_id
                               WHERE coalesce(l.company_id, c.id) = c.id) s
           LEFT JOIN (SELECT a.company_id, sum(l.debit - l.credit) AS balance FROM public.ledger_account a
                      JOIN public.ledger_journalline l ON l.account_id = a.id WHERE a.role = 'inventory'
                      GROUP BY a.company_id) b ON b.company_id = c.id
           WHERE coalesce(s.value, 0) <> coalesce(b.balance, 0)""",
    ),
    "I17 returns": (
        _("No more comes back than was delivered, at the worth it left with."),
        """SELECT p.sku AS what,
                  format('%s left worth %s, %s came back worth %s', s.quantity, s.value, b.quantity, b.value)
                  AS detail
           FROM (SELECT returns_id, sum(quantity) AS quantity, sum(value) AS value FROM public.inventory_stockmove
                 WHERE returns_id IS NOT NULL GROUP BY returns_id) b
           JOIN public.inventory_stockmove s ON s.id = b.returns_id
           JOIN public.products_product p ON p.id = s.product_id
           WHERE b.quantity > s.quantity OR (b.quantity = s.quantity AND b.value <> s.value) OR b.value > s.value""",
    ),
    "Shipped": (
        _("What an order says has left is what its parcels took out of the stock."),
        """SELECT format('%s line %s', o.number, l.position) AS what,
                  format('says %s, parcels %s', l.quantity_shipped, coalesce(s.quantity, 0)) AS detail
           FROM public.orders_orderline l JOIN public.orders_order o ON o.id = l.order_id
           LEFT JOIN (SELECT n.order_line_id, sum(n.quantity) AS quantity FROM public.shipping_shipmentline n
                      JOIN public.inventory_stockmove m ON m.id = n.move_id AND m.quantity = n.quantity
                      GROUP BY n.order_line_id) s ON s.order_line_id = l.id
           WHERE l.quantity_shipped <> coalesce(s.quantity, 0) OR l.quantity_shipped > l.quantity""",
    ),
}
