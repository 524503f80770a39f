"""Which contract goes where: a route per contract and audience, made after every migrate, switched by an operator."""

from typing import Any

from integration.contracts import all_contracts


def make_routes(**_options: Any) -> None:
    """A route for every contract's audience, a restricted one's off; existing phases stay as they are."""
    from integration.hub.models import Phase, Route  # the app registry must stand first

    for contract in all_contracts():
        for destination in contract.audience:
            if destination != "integration":
                phase = Phase.OFF if contract.data_class == "restricted" else Phase.ON
                Route.objects.get_or_create(
                    contract=contract.type,
                    destination=destination,
                    defaults={"source": contract.owner, "phase": phase},
                )
