"""`./manage.py backup` and `restore`: all three sides as of one moment, checked before anything is touched.

A backup is a folder: `<side>.dump` (pg_dump's custom format), `<side>.media.tar`, `secrets.tar` or `secrets.tar.enc`
(signing keys, session keys, settings), and `manifest.json`, which is written last and names every file with its digest.
"""
