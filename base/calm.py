"""Less garbage collection: a loaded Django is some hundred thousand objects that never go, yet are looked at again."""

import gc

THRESHOLDS = (20_000, 20, 50)  # the default's 700 objects are a single request's


def settle() -> None:
    """Call once all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
