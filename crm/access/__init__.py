"""Who may come in on this side: users in roles, API tokens, and the calls already answered."""
