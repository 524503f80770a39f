"""Lists: one declaration per model, one page that shows any of them.

A domain's `lists.py` says in a `Listing` what its list is: columns, the filters (the same FilterSet narrows the API),
the queryset a user may see, the order, what may be done with many rows at once and which cells change in place.
Everything a reader asks for stands in the address, so every list can be linked to: `ordering`, `columns`, `group`, the
filters, `view` for a saved view. `asking` reads the address, `table` writes the rows, `views` answers.
"""

from base.listing.columns import Column, Edit, Kind
from base.listing.filters import DaysFilter, InsideFilter, ListFilterSet, YesNoFilter
from base.listing.listing import Button, Empty, Listing, Tab, listing_of

__all__ = [
    "Button",
    "Column",
    "DaysFilter",
    "Edit",
    "Empty",
    "InsideFilter",
    "Kind",
    "ListFilterSet",
    "Listing",
    "Tab",
    "YesNoFilter",
    "listing_of",
]
