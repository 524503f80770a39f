"""Tax: what was declared is what the books have, and stays so."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "T1 filed tax": (
        _("A filed VAT return declares the tax that stands in the books of its days, to the cent."),
        """SELECT format('%s – %s', r.starts_on, r.ends_on) AS what,
                  format('filed %s and %s, books %s and %s', v.output_tax, v.input_tax, b.output_tax, b.input_tax)
                  AS detail
           FROM public.tax_vatreturn r
           LEFT JOIN public.tax_returnversion v ON v.vat_return_id = r.id AND v.version = r.version
           CROSS JOIN LATERAL public.tax_of_books(r.company_id, r.starts_on, r.ends_on) b
           WHERE r.status = 'filed' AND (v.output_tax, v.input_tax) IS DISTINCT FROM (b.output_tax, b.input_tax)""",
    ),
    "T2 filed days": (
        _("Nothing with tax was posted into a filed span after it was filed."),
        """SELECT e.number AS what, format('posted %s, filed %s', e.posted_at, r.filed_at) AS detail
           FROM public.tax_vatreturn r
           JOIN public.ledger_journalentry e ON e.company_id = r.company_id AND e.date BETWEEN r.starts_on AND r.ends_on
                                            AND e.posted_at > r.filed_at
           WHERE r.status = 'filed'
             AND EXISTS (SELECT FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
                         WHERE l.entry_id = e.id AND (l.tax_code <> '' OR a.role IN ('vat_output', 'vat_input')))""",
    ),
    "T3 versions": (
        _("Every version of a VAT return is kept, and no two returns share a day."),
        """SELECT r.id::text AS what, format('version %s, kept %s', r.version, count(v.id)) AS detail
           FROM public.tax_vatreturn r LEFT JOIN public.tax_returnversion v ON v.vat_return_id = r.id
           GROUP BY r.id HAVING count(v.id) <> r.version
           UNION ALL
           SELECT r.id::text, format('shares days with %s', o.id)
           FROM public.tax_vatreturn r JOIN public.tax_vatreturn o ON o.company_id = r.company_id AND o.id > r.id
            AND o.starts_on <= r.ends_on AND o.ends_on >= r.starts_on""",
    ),
}
