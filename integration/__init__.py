"""The only way between the sides: contracts, signed envelopes, outbox, inbox and the hub."""
