"""What every side stands on: refusals, money, roles, settings, API manners.

No tables live here, only abstract models; imports go to Django and libraries and nowhere else.
"""
