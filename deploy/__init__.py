"""How Heming is installed, started, watched and stopped; knows the sides by name only and imports none of them.

`postgres` runs the embedded PostgreSQL, `databases` makes roles and databases in it, `environment` keeps what each
side may know (`var/<side>/env`), `supervisor` runs every process of every side, `install` readies a fresh clone.
"""
