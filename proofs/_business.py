"""A deployment in which business has been done: proofs that look for faults want records in every state."""

from deploy.demo import facts, northwind, opening
from deploy.demo.deployment import Deployment
from deploy.demo.opening import World
from deploy.demo.play import play
from deploy.trials import say

ORDERS = 10


def do_business(deployment: Deployment, orders: int = ORDERS) -> None:
    """The first orders of Northwind, from the won deal to the money, on all three sides."""
    chosen = northwind.orders(orders)
    world = World.of(deployment)
    opening.prepare(world, chosen, say)
    play(world, chosen)
    facts.settled(deployment)
