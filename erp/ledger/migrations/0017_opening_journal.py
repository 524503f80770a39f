"""Every company has a journal for what it brings along from the books before."""

from django.db import migrations

_ADD = """
INSERT INTO public.ledger_journal (id, company_id, code, prefix, name, name_zh, created_at, updated_at)
SELECT uuidv7(), c.id, 'opening', 'OPN', 'Opening journal', '期初凭证', now(), now() FROM public.ledger_company c
 WHERE NOT EXISTS (SELECT FROM public.ledger_journal j WHERE j.company_id = c.id AND (j.code = 'opening' OR j.prefix = 'OPN'))
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0016_post_now")]

    operations = [migrations.RunSQL([(_ADD, None)], migrations.RunSQL.noop)]
