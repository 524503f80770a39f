"""A process that could do more than it should does not start."""

from django.db import connection

_EXCESS = """
SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL SELECT 'may bypass row security' FROM pg_roles WHERE rolname = current_user AND rolbypassrls
UNION ALL SELECT 'may create databases or roles' FROM pg_roles
  WHERE rolname = current_user AND (rolcreatedb OR rolcreaterole)
UNION ALL SELECT 'owns the table ' || min(c.relname) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
  WHERE r.rolname = current_user AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' HAVING count(*) > 0
UNION ALL SELECT 'may create objects in schema public'
  WHERE has_schema_privilege(current_user, 'public', 'CREATE')
UNION ALL SELECT 'may create temporary tables'
  WHERE has_database_privilege(current_user, current_database(), 'TEMP')
UNION ALL SELECT 'may connect to the database ' || min(datname) FROM pg_database
  WHERE datname <> current_database() AND datallowconn AND has_database_privilege(current_user, oid, 'CONNECT')
  HAVING count(*) > 0
"""


class TooMuchRight(SystemExit):
    """The database user of this process has rights it must not have."""


def excess_rights() -> list[str]:
    """What the current database user may do beyond reading and writing its own side's rows."""
    with connection.cursor() as cursor:
        cursor.execute(_EXCESS)
        return [row[0] for row in cursor.fetchall()]


def refuse_excess_rights() -> None:
    """Called when a web, worker or relay process starts (architecture §1)."""
    excess = excess_rights()
    connection.close()
    if excess:
        user = connection.settings_dict["USER"]
        raise TooMuchRight(f"Refusing to start: the database user {user} " + "; ".join(excess) + ".")
