"""Temporary promotions, decided by sales: for some days some products cost less for some accounts.

A sales manager decides one in a minute and ends it at once; deals price their lines with what runs today
(`services.running_for`, `services.best_of`) and tell the ERP its name with the won deal. How deep one may go is said by
the domains above (`services.capped`). Emits nothing.
"""
