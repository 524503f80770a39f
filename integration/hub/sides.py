"""What the sides say of themselves for the wall: asked of both at once, and remembered for a moment.

A side that is away says nothing; that is what is shown then. The hub's own pages do not wait for it each time.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.cache import cache

from integration.hub.refusals import SideAway
from integration.liaison.asking import Ask, NoAnswer, ask

SIDES = ("crm", "erp")
ANSWER_S = 10.0  # somebody waits for the page
FRESH_S, AWAY_S = 4, 12  # an answer, and none, is believed for so long


def ask_for_a_person(
    side: str, question: str, ask: Ask = ask, timeout: float = ANSWER_S, **told: Any
) -> dict[str, Any]:
    """The side's answer; a side that is away, or says no, is a refusal that tells the person so."""
    try:
        return ask(side, question, timeout=timeout, **told)
    except NoAnswer as fault:
        raise SideAway(why=str(fault)) from None


def ask_all(question: str, timeout: float, ask: Ask = ask, fresh: bool = False) -> dict[str, dict[str, Any]]:
    """Each side's answer, or `{"error": …}`; with `fresh` a remembered one does not do."""
    keys = {f"side:{question}:{side}": side for side in SIDES}
    held = {} if fresh else cache.get_many(keys)
    asked = [key for key in keys if key not in held]

    def one(key: str) -> dict[str, Any]:
        try:
            return ask(keys[key], question, timeout=timeout)
        except NoAnswer as fault:
            return {"error": str(fault)}

    if asked:
        with ThreadPoolExecutor(len(asked)) as pool:
            for key, answer in zip(asked, pool.map(one, asked), strict=True):
                cache.set(key, answer, AWAY_S if "error" in answer else FRESH_S)
                held[key] = answer
    return {side: held[key] for key, side in keys.items()}
