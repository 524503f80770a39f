"""What notices a conflict: pure functions, each with the scope it pauses and both values in its finding.

`AT_INTAKE` look at one event beside what the hub knows; `integration.hub.sweeping` asks those that look at many.
"""

from integration.hub.detectors.arithmetic import lines_and_total
from integration.hub.detectors.base import Difference, Finding, Told
from integration.hub.detectors.catalogue import currency, product, unit
from integration.hub.detectors.identity import mapped_twice, tombstone, unmapped
from integration.hub.detectors.lifecycle import state
from integration.hub.detectors.ownership import foreign_field, stale_base

# The first that finds something speaks: an event has one case, the most basic one.
AT_INTAKE = (
    tombstone,
    foreign_field,
    stale_base,
    mapped_twice,
    unmapped,
    state,
    product,
    unit,
    currency,
    lines_and_total,
)

__all__ = ["AT_INTAKE", "Difference", "Finding", "Told"]
