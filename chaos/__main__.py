"""`python -m chaos [name …]`: the faults by these names, or all; `SHORT=1` for a few rounds of the quick ones."""

import os
import sys

from chaos import faults
from chaos.ground import ground
from deploy.trials import say

SHORT_ROUNDS = 2


def main(words: list[str]) -> int:
    """Print a JSON line for each fault; 0 when the business came through all of them."""
    chosen = [name for word in words for name in word.replace(",", " ").split()]
    short = bool(os.environ.get("SHORT"))
    chosen = chosen or list(faults.SHORT if short else faults.FAULTS)
    if unknown := [name for name in chosen if name not in faults.FAULTS]:
        say(f"There is no {unknown[0]!r}; there are: {', '.join(faults.FAULTS)}.")
        return 2
    holds = True
    with ground() as here:
        for name in chosen:
            report = faults.run(here, name, SHORT_ROUNDS if short else None)
            print(report.line(), flush=True)
            holds = holds and report.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
