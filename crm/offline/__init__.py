"""What a phone may do without a connection: the pack it takes along, and the operations it brings back.

An operation is one form that was filled in on a device: it has the device's own UUID and is carried out once, however
often it is sent. It is applied, applied with a clash (somebody changed the same field meanwhile: both values are kept
and shown), or refused in words. Its UUID is a name among its own user's operations and of nothing else, so no UUID
from outside ever addresses a record; what is changed is named by its own id and found through `visible_to`.

The domain writes no tables but its own; deeds are the services of the other domains. Emits and handles no events.
"""
