"""What the hub may ask of a side: to mend a record, to compare what it holds, to try an event, to take one up again.

An amendment asked for is an event (`integration.amendment.requested`) and becomes a task of the side's own people. A
question is a signed request with a signed answer (`POST /asks`); it changes nothing of the business.
"""
