"""The wire under fire: real processes are killed, cut off, starved and fed poison while business goes on: `make chaos`.

    make chaos                      every fault, one after the other, in one deployment of its own
    make chaos ONLY=relay-killed    one of them
    make chaos SHORT=1              each a few times, as in `make test`

Each fault ends with one JSON line on standard output. What counts are business effects, not what the wire says of
itself: what was acknowledged to people of the CRM and of the ERP, against the history of the same customers and
products on the other side, one entry for each change, in order. `recovery_s` is the longest that it took, from a fault
to the moment when all that had been said was done, without a hand.
"""
