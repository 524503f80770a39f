"""Correctness shown on many thousand cases, too long for `make test`: `make proof`.

One module is one proof, found by its name (`make proof ONLY=strings`). It has one function, and says what it saw:

    \"\"\"Naughty strings through every field of every API.\"\"\"

    from deploy.trials import Cases, own_deployment

    def check(cases: Cases) -> None:
        with own_deployment() as deployment:            # or own_server("erp"): PostgreSQL with that side's tables only
            for field, text in everything(deployment):
                answer = send(deployment, field, text)
                cases.that(answer.status_code < 500, f"{field} with {text!r}: {answer.status_code}")

Each proof ends with one JSON line on standard output, its failures before it on standard error; it fails when a case
failed, when it broke, and when it had no case at all. Every proof runs in a process of its own, on a server and in a
folder of its own that are gone afterwards; `var/` is never touched, and no side imports anything from here. A proof
that imports one side's models does so after `own_server` has loaded that side, inside its functions.
"""
