from pathlib import Path

from django.db import migrations

from base.numbering import sequence
from base.sql import sql_file

_UNDO = """
DROP TRIGGER returns_goodsback_within_line ON public.returns_goodsback;
DROP FUNCTION public.returns_check_goods_back();
"""


class Migration(migrations.Migration):
    """RMA numbers; what came back never exceeds what had left by the same move (I17)."""

    dependencies = [("returns", "0001_initial")]
    operations = [sequence("rma_number"), sql_file(Path(__file__).parent / "sql" / "rules.sql", _UNDO)]
