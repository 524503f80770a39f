"""What may be sold and at which dated price, as the ERP published it.

Read-only copies: nobody edits them here, only the handlers of `erp.product.published`, `erp.product.withdrawn` and
`erp.price.published` write. A product whose price came before its publication waits as *announced* and is not offered.
Emits nothing. Deals ask `services.price_on` and `services.prices_on`.
"""
