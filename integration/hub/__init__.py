"""The hub: checks every event, archives it, maps identities, fans it out per route, and shows it all."""
