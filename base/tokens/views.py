"""The page on which a person makes and ends their API tokens."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from base.docs import side_shell
from base.forms import refuse
from base.refusals import Refused
from base.roles import role_required
from base.stepup import step_up_required
from base.tokens import services
from base.tokens.forms import TokenForm


@never_cache
@role_required()
@step_up_required
def token_list(request: HttpRequest) -> HttpResponse:
    """My tokens, and the form for a new one; its secret is on this one answer only."""
    form, made = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = services.create_token(request.user, told["name"], form.scopes, told["days"])
        except Refused as refusal:
            refuse(form, refusal)
    facts = {
        "shell": side_shell(),
        "form": TokenForm() if made else form,
        "tokens": services.tokens_of(request.user)[:100],
        "token": made[0] if made else None,
        "secret": made[1] if made else "",
    }
    return render(request, "access/tokens.html", facts, status=422 if form.errors else 200)


@require_POST
@role_required()
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End one of mine."""
    token = services.revoke_token(get_object_or_404(services.tokens_of(request.user), pk=pk))
    messages.success(request, _("“{name}” is revoked; nothing can use it any more.").format(name=token.name))
    return redirect("tokens:list")
