"""API tokens: keys that a person makes for programs, narrowed by scopes, ended by a date or by hand.

A token acts as its user and can never do more. Its secret is shown once; the table keeps a digest.
"""
