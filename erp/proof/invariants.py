"""The invariants, by the names that the design gives them.

A query selects `what` (the thing's own name) and `detail` (what is wrong with it) of everything that breaks the rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from erp.proof.queries import currencies, documents, fapiaos, ledger, payables, stock, tax, wire


@dataclass(frozen=True)
class Invariant:
    """A rule that holds for every row there is."""

    code: str
    rule: Promise
    query: str


def all_invariants() -> Iterator[Invariant]:
    """Every invariant, in the order of their subjects."""
    for module in (ledger, tax, documents, payables, currencies, fapiaos, stock, wire):
        for code, (rule, query) in module.QUERIES.items():
            yield Invariant(code, rule, query)
