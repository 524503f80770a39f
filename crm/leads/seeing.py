"""Why somebody may see and change a lead: whose it is, or to which team it is left."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.models import TeamMember
from crm.access.people import name_of
from crm.accounts.seeing import Access
from crm.accounts.ways import Hold


class LeadAccess(Access):
    """Who is shown a lead works on it."""

    def find_holds(self) -> list[Hold]:
        lead = self.record
        if lead.owner_id is not None:
            return [Hold(lead.owner_id, "owner", gettext_lazy("The lead is {person}'s."), {}, changes=True)]
        if lead.team_id is None:
            return []
        words = gettext_lazy("The lead is left to the team {team}, in which {person} is.")
        members = TeamMember.objects.filter(team=lead.team_id).values_list("user_id", flat=True)
        return [Hold(member, "team", words, {"team": lead.team}, changes=True) for member in members]

    def free(self) -> str:
        if self.record.owner_id is None and self.record.team_id is None:
            return _("The lead is nobody's: every rep sees it and may take it.")
        return ""

    def lacking(self, person: str) -> str:
        lead = self.record
        if lead.owner_id is None:
            words = _("The lead is left to the team {team}, in which neither {person} nor anybody they lead is.")
            return words.format(person=person, team=lead.team)
        words = _("The lead is {owner}'s, and {person} does not lead {owner}.")
        return words.format(person=person, owner=name_of(lead.owner))
