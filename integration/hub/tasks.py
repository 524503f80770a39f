"""What the hub does by the clock."""

from celery import shared_task

from integration.hub import chain, judging
from integration.hub.detectors.base import finding
from integration.hub.reconciling import SUBJECTS, reconcile


@shared_task(name="hub.reconcile")
def reconcile_all() -> None:
    """Every night: compare everything both sides hold."""
    for subject in SUBJECTS:
        reconcile(subject)


@shared_task(name="hub.verify_archive")
def verify_archive() -> int:
    """Every night: walk the chain; a flaw holds everything and tells somebody."""
    flaws = list(chain.verify())
    if flaws:
        found = finding("archive", *(("chain", flaw.text, "as sealed") for flaw in flaws[:20]), scope="all")
        judging.open_case(found, source="integration", contract="", about="archive")
    return len(flaws)


@shared_task(name="hub.seal")
def seal() -> None:
    """Also when the watch is down."""
    while chain.seal_batch() is not None:
        pass
