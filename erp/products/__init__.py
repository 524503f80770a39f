"""A product: a thing we buy, keep and sell, and the dated prices it is offered at.

Life: draft → published → withdrawn (and published again, when it comes back). Nothing outside the ERP knows a draft.
Prices are versions: a row says "from that day on"; none is ever changed or removed.

Emits `ProductPublished` (on publishing and on each later edit), `PricePublished` (every dated price of a published
product, so that a back-dated deal can be priced as well) and `ProductWithdrawn`. Handles nothing: the ERP owns
products.
"""
