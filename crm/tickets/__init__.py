"""What customers ask of us: a conversation with a state and somebody who answers, and the returns that come of it.

A ticket is new until somebody takes or answers it, then open, waiting for the customer, or solved; a word of the
customer opens it again. Messages are public (the customer may read them) or internal. A ticket can ask the ERP to take
goods back: `request_return` emits `crm.return.requested`, and the return's state then follows `erp.return.authorised`,
`.refused`, `.received` and `.settled`. The credit note itself (`erp.invoice.credited`) is the pipeline's to show on
the deal.
"""
