"""A process is killed in the middle of issuing, a hundred times: every order has exactly one invoice.

After each blow somebody asks again, under the same key, in a new process; after every other one also without a key, as
a user who does not know what became of it: there is nothing left to invoice.
"""

import os

from deploy.trials import Cases, own_server, say

KILLS = int(os.environ.get("KILLS", "100"))


def check(cases: Cases) -> None:
    """Blow after blow, over every statement of an issue."""
    with own_server("erp"):
        from proofs import _killing
        from proofs._selling import open_shop, shipped_order
        from proofs.writers import stands

        open_shop(KILLS + 1)
        orders = [shipped_order() for _number in range(KILLS + 1)]
        statements = _killing.statements_of(orders[0].pk, "first")
        say(f"An issue has {statements} statements.")
        for order, blow in zip(orders[1:], _killing.blows(KILLS, statements), strict=True):
            killed(cases, order, blow)
        stands(cases, KILLS + 1)


def killed(cases: Cases, order: object, blow: object) -> None:
    """One order, one blow, and who asks again."""
    from erp.invoices.models import Invoice
    from proofs import _killing

    pk, key = order.pk, f"once:{order.pk}"  # type: ignore[attr-defined]
    _killing.kill_while_issuing(pk, key, blow)  # type: ignore[arg-type]
    outcome, number, *_rest = _killing.issue_undisturbed(pk, key)
    issued = list(Invoice.objects.filter(order=pk).values_list("number", flat=True))
    cases.that(outcome == "issued" and issued == [number], f"{blow}: {outcome} {number}, there is {issued}")
    outcome, *_rest = _killing.issue_undisturbed(pk, f"{key}:again")
    cases.that(outcome == "error", f"{blow}: it was issued again")
