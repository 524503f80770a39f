"""Dated tax rates and tax points."""
