"""How promising a lead looks, by rules that anybody can read: the score is the sum of its reasons, from 0 to 100."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from crm.leads.models import Lead, ScoreRule, Source
from crm.leads.models_rules import Scored, Test

Reason = dict[str, Any]


def rules() -> list[ScoreRule]:
    """Those in use."""
    return list(ScoreRule.objects.filter(active=True))


def rate(lead: Lead, by: Iterable[ScoreRule]) -> bool:
    """Set the lead's score and its reasons; has anything changed?"""
    reasons = [reason_of(rule) for rule in by if fits(rule, getattr(lead, rule.field))]
    score = min(max(sum(reason["points"] for reason in reasons), 0), 100)
    changed = (score, reasons) != (lead.score, lead.score_reasons)
    lead.score, lead.score_reasons = score, reasons
    return changed


def fits(rule: ScoreRule, value: Any) -> bool:
    """Does what we know answer to the rule?

    >>> visits = ScoreRule(field="visits", test="least", value="3")
    >>> fits(visits, 2), fits(visits, 3), fits(ScoreRule(test="contains", value="fair"), "Spring Fair")
    (False, True, True)
    """
    if rule.test == Test.FILLED:
        return bool(value)
    if rule.test == Test.EMPTY:
        return not value
    if rule.test == Test.LEAST:
        return rule.value.isdigit() and int(value or 0) >= int(rule.value)
    text, wanted = str(value or "").casefold(), rule.value.casefold()
    return wanted in text if rule.test == Test.CONTAINS else text == wanted


def reason_of(rule: ScoreRule) -> Reason:
    """What is kept with the lead, so that its score can be explained after the rule has changed."""
    return {"field": rule.field, "test": rule.test, "value": rule.value, "points": rule.points}


def said(reasons: Iterable[Reason]) -> list[tuple[str, int]]:
    """The reasons in the reader's language, each with its points."""
    return [(_words(reason), int(reason["points"])) for reason in reasons]


def _words(reason: Reason) -> str:
    field = str(Scored(reason["field"]).label)
    value = str(dict(Source.choices).get(reason["value"], reason["value"]))
    if reason["field"] in (Scored.CONSENT, Scored.DO_NOT_CALL, Scored.DO_NOT_EMAIL) and reason["test"] == Test.FILLED:
        return field
    sentence = {
        Test.FILLED: _("{field}: known"),
        Test.EMPTY: _("{field}: missing"),
        Test.IS: _("{field}: {value}"),
        Test.CONTAINS: _("{field} contains {value}"),
        Test.LEAST: _("{field}: {value} or more"),
    }[Test(reason["test"])]
    return sentence.format(field=field, value=value)


def rate_all(batch: int = 1000) -> int:
    """Every open lead by the rules of today, batch by batch; how many have another score."""
    by, last, changed = rules(), None, 0
    while True:
        rows = Lead.objects.open().order_by("pk")
        leads = list((rows.filter(pk__gt=last) if last else rows)[:batch])
        if not leads:
            return changed
        other = [lead for lead in leads if rate(lead, by)]
        Lead.objects.bulk_update(other, ["score", "score_reasons"])
        changed, last = changed + len(other), leads[-1].pk
