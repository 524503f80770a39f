"""Companies and people we sell to."""
