"""PLACES=/fapiaos/ looks at the addresses that fit only: for what is new, before the whole is run.

It is a regular expression, searched for in addresses of pages, forms, operations of the API, and `/import/<resource>/`.
"""

import os
import re

PLACES = os.environ.get("PLACES", "")


def wanted(address: str) -> bool:
    """Is it looked at? Every address, unless some are named."""
    return re.search(PLACES, address) is not None
