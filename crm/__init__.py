"""The customer side: accounts, deals, tickets and what was said; quick, forgiving, mobile."""
