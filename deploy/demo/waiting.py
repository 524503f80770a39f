"""Waiting for the other side without getting in its way."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLate(RuntimeError):
    """What was waited for did not happen; the text says what."""


def until(
    question: Callable[[], T | None], what: str, seconds: float = 30.0, first: float = 0.03, longest: float = 0.05
) -> T:
    """Ask until the answer is true, every `first` seconds at the beginning and every `longest` later on."""
    deadline = time.monotonic() + seconds
    pause = first
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TooLate(f"Waited {seconds:.0f} s for {what}.")
        time.sleep(pause)
        pause = min(pause * 1.5, longest)
