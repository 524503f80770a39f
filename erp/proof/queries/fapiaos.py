"""The register of fapiaos: each says what its invoice says, counts once, and is taken back once."""

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "F1 amounts": (
        _("A fapiao says rate by rate what its invoice says, a red letter what it takes back."),
        """SELECT coalesce(nullif(f.number, ''), f.id::text) AS what,
                  format('%s: due %s, told %s', d.what, d.due, d.told) AS detail
           FROM public.fapiao_fapiao f CROSS JOIN LATERAL public.fapiao_differences(f.id) d
           WHERE f.status NOT IN ('refused', 'withdrawn')""",
    ),
    "F2 one": (
        _("An invoice has one fapiao that counts, and a number is there once."),
        """SELECT i.number AS what, format('%s fapiaos', count(*)) AS detail
           FROM public.fapiao_fapiao f JOIN public.invoices_invoice i ON i.id = f.invoice_id
           WHERE f.colour = 'blue' AND f.status NOT IN ('refused', 'withdrawn', 'reversed')
           GROUP BY i.number HAVING count(*) > 1
           UNION ALL
           SELECT number, format('%s times', count(*)) FROM public.fapiao_fapiao WHERE number <> ''
           GROUP BY code, number HAVING count(*) > 1""",
    ),
    "F3 red letters": (
        _("Red letters take back no more than was issued, and a fapiao is reversed when nothing of it is left."),
        """SELECT f.number AS what, format('%s left of %s at %s, it is %s', l.net + l.tax, f.gross, l.rate, f.status)
                  AS detail
           FROM public.fapiao_fapiao f CROSS JOIN LATERAL public.fapiao_left(f.id) l
           WHERE f.colour = 'blue' AND f.status IN ('issued', 'red_requested', 'reversed')
             AND (l.net < 0 OR l.tax < 0 OR f.status <> public.fapiao_standing(f.id))""",
    ),
}
