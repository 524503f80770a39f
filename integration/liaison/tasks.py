"""What is done by the clock on a side, for the hub's sake."""

from celery import shared_task

from integration.liaison import services


@shared_task(name="liaison.check_pulse")
def check_pulse() -> None:
    """Tell this side's admins when the hub's alarm has gone silent."""
    services.check_pulse()
