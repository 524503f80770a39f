"""Other records bear the team's words too: what keeps a tag asks the table that each of them names."""

from pathlib import Path

from django.db import migrations

from base.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_tag_index")]

    operations = [sql_file(Path(__file__).resolve().parent.parent / "sql" / "tags_borne.sql")]
