from pathlib import Path

from django.db import migrations

from base.numbering import sequence
from base.sql import sql_file

_UNDO = """
DROP TRIGGER orders_order_promise_stays ON public.orders_order;
DROP TRIGGER orders_orderline_stays ON public.orders_orderline;
DROP FUNCTION public.orders_keep_promise(); DROP FUNCTION public.orders_keep_line();
"""


class Migration(migrations.Migration):
    """Order numbers; and what was promised is kept by the database as it was."""

    dependencies = [("orders", "0001_initial")]
    operations = [sequence("order_number"), sql_file(Path(__file__).parent / "sql" / "rules.sql", _UNDO)]
