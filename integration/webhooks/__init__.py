"""Webhooks: a side tells programs outside of the house what happened, signed as Standard Webhooks.

An endpoint is an address with the kinds of facts it wants. Each fact becomes one delivery per endpoint in the fact's
own transaction, is sent by the relay and tried for about three days; then the endpoint is switched off with a notice.
What is told: this side's own contracts, and a few local facts (`services.LOCAL_FACTS`).
"""
