"""Pages of tags: those of one record, and the list of all."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from base.listing.views import show
from base.roles import role_required
from crm.accounts import services
from crm.accounts.models import READERS, Account, Tag
from crm.accounts.sheets import quick_form
from crm.accounts.tag_filters import WordsField
from crm.accounts.tag_lists import TAGS
from crm.accounts.tag_words import words

AT_HAND = 24


class TagsForm(forms.Form):
    """The team's words as chips to tap, and a field for others."""

    meter = "account_tags"

    chosen = forms.MultipleChoiceField(label=gettext_lazy("Tags"), required=False, widget=forms.CheckboxSelectMultiple)
    more = WordsField(
        label=gettext_lazy("Others"),
        required=False,
        help_text=gettext_lazy("With commas between. A new word becomes a tag."),
    )

    def __init__(self, data: Any, borne: list[str], user: Any) -> None:
        super().__init__(data, initial={"chosen": borne})
        latest = (
            Tag.objects.visible_to(user).order_by("-updated_at").values_list("name", flat=True)[: AT_HAND + len(borne)]
        )
        offered = [*borne, *sorted([name for name in latest if name not in borne][:AT_HAND], key=str.casefold)]
        self.fields["chosen"].choices = [(name, name) for name in offered]  # type: ignore[attr-defined]
        if not offered:
            del self.fields["chosen"]


def tags_sheet(request: HttpRequest, record: Any, save: Callable[[list[str]], Any]) -> HttpResponse:
    """Which words a record bears; whether it may be changed was seen before."""
    return quick_form(
        request,
        TagsForm(request.POST if request.method == "POST" else None, list(record.tags), request.user),
        title=_("Tags"),
        save=lambda typed: save([*typed.get("chosen", []), *words(typed["more"])]),
        back=record.get_absolute_url(),
        go=lambda _changed: record.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def account_tags(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which words an account bears."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
    services.refuse_unwritable(account, request.user)
    return tags_sheet(request, account, lambda tags: services.update_account(account, tags=tags))


@require_GET
@role_required(*READERS)
def tag_list(request: HttpRequest) -> HttpResponse:
    """All words of the team."""
    return show(request, TAGS)
