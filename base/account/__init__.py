"""How people come in on a side, prove again who they are, and see where they are signed in.

Passwords and second factors are django-allauth's, lockout is django-axes'; no sign-up and no foreign accounts exist.
"""
