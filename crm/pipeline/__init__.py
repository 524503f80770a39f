"""Deals on their way to a promise."""
