"""What Heming costs, measured against a plain way of doing the same work in the same minute: `make bench`.

One module is one bench, found by its name (`make bench ONLY=post`). It has one function, and says what it found:

    \"\"\"Posting to the books against the same rows written by hand.\"\"\"

    from collections.abc import Iterator

    from deploy.trials import Figure, own_deployment

    def figures() -> Iterator[Figure]:
        with own_deployment() as deployment:            # or own_server("erp"): PostgreSQL with that side's tables only
            ...
            yield Figure("c1_ratio", value=ours, reference=theirs, unit="entries/s", at_least=0.5)
            yield Figure("deadlocks", value=0, unit="deadlocks", at_most=0)

Each figure is one JSON line on standard output; what a person should know meanwhile goes to `deploy.trials.say`. With a
reference the bar is for the ratio (value / reference), otherwise for the value. Measure the reference in the same run,
in turns with ours, so that a noisy machine disturbs both alike. Every bench runs in a process of its own, on a server
and in a folder of its own that are gone afterwards; `var/` is never touched, and no side imports anything from here.
A bench that imports one side's models does so after `own_server` has loaded that side, inside its functions.
"""
