"""What writing something down costs people: seconds, taps and keys of each save, and of each field of the form.

A browser measures while a form is filled in and tells it beside the save, when there is time and a connection; it never
tells what was written, nor in which record, nor by whom: of the person the role is kept, and the team where that is no
one's name. What was measured stays as it was told and is forgotten after `METER_KEPT_DAYS`. Emits and handles nothing.
"""
