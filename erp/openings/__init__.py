"""What a company brings along from the system it kept its books in before: balances of accounts, and open items.

**Balances** of a day become one entry of the opening journal. What documents keep (receivables, payables, the stock)
does not come as one figure: it waits on the account of opening balances until the documents themselves come, so that
sub-ledgers and their accounts agree at every moment. **Opening items** are these documents: invoices that customers
have not paid and bills that we have not, with the number, days and amount they had. Each stands on receivables or
payables against the account of opening balances, is aged, paid and allocated like one of our own, and can never be
settled beyond what is open. They are not issued here: no number of ours, no tax, no event, no paper.

When all has come, the account of opening balances is empty; `reports.checks` says what is missing.

Emits and handles no events (a customer's credit band may change).
"""
