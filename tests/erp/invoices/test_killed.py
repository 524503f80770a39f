"""A process that dies in the middle of issuing leaves nothing half done: `make proof ONLY=once` in short."""

import pytest

from deploy.trials import Cases
from proofs._killing import Blow, statements_of
from proofs.once import killed
from tests.erp.invoices.makers import shipped_order


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_issue_was_killed_has_exactly_one_invoice():
    orders = [shipped_order((f"CHAI{number}", "1", "20.00")) for number in range(4)]
    last = statements_of(orders[0].pk, "first")
    cases = Cases()

    for order, blow in zip(orders[1:], [Blow(last // 2, True), Blow(last, False), Blow(last + 1, True)], strict=True):
        killed(cases, order, blow)

    assert (cases.count, cases.failed) == (6, 0)
