"""Pages of tax: rates and rules of law, and the returns, whose boxes lead to the lines of the books."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import refuse
from base.listing.views import show
from base.refusals import BadInput, NotFound, Refused
from base.roles import has_role, role_required
from base.sheets import Heading, Line, as_file
from base.stepup import step_up_required
from erp.ledger.reporting import sheet_of
from erp.ledger.services import company
from erp.tax import returns
from erp.tax.boxes import Drawn, Figure, draw_up
from erp.tax.forms import ProfileForm, ReasonForm, SpanForm
from erp.tax.lists import RETURNS
from erp.tax.models import BoxKind, ReturnStatus, ReturnVersion, TaxPointRule, TaxRate, VatReturn
from erp.tax.roles import BOOK_READERS, KEEPERS, READERS
from erp.tax.services import profile_of


@role_required(*READERS)
def rates(request: HttpRequest) -> HttpResponse:
    """Which rate applied when, and when supplies and deposits are taxed; what applies today and here stands out."""
    today, here = timezone.localdate(), company().jurisdiction
    known = list(
        TaxRate.objects.visible_to(request.user)
        .select_related("tax_class")
        .order_by("jurisdiction", "regime", "tax_class", "-valid_from")
    )
    seen: set[tuple[int, str, str]] = set()
    for rate in known:
        key = (rate.tax_class_id, rate.jurisdiction, rate.regime)
        rate.current = rate.valid_from <= today and key not in seen  # type: ignore[attr-defined]
        if rate.current:  # type: ignore[attr-defined]
            seen.add(key)
    known.sort(key=lambda rate: rate.jurisdiction != here)
    rules = sorted(TaxPointRule.objects.visible_to(request.user), key=lambda rule: rule.jurisdiction != here)
    return render(request, "erp/tax/rates.html", {"rates": known, "rules": rules, "here": here})


@role_required(*BOOK_READERS)
def return_list(request: HttpRequest) -> HttpResponse:
    """The returns that were filed."""
    return show(request, RETURNS)


@role_required(*BOOK_READERS)
def draw(request: HttpRequest) -> HttpResponseBase:
    """A return as the books have it, for a span that is not filed; the next one unless another is asked for."""
    ours, form = company(), SpanForm(request.GET or None)
    try:
        told = (form if form.is_bound else SpanForm({})).asked(ours)
    except Refused as refusal:
        if form.is_bound and refusal.field in form.fields and refusal.field not in form.errors:
            form.add_error(refusal.field, str(refusal))
        told = SpanForm({}).asked(ours)
    span = told["span"]
    try:
        drawn = draw_up(returns.form_of(ours), ours, span.start, span.end, told["known"])
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("tax:profile")
    if file_format := request.GET.get("format"):
        return _as_file(request, drawn, file_format)
    filed = VatReturn.objects.visible_to(request.user).filter(
        company=ours, starts_on__lte=span.end, ends_on__gte=span.start
    ).first()  # fmt: skip
    facts = {
        "form": form,
        "known": told["known"],
        "filed": filed,
        "may_file": has_role(request.user, *KEEPERS) and not filed and not told["known"],
        "is_over": span.end < timezone.localdate(),
    }
    return render(request, "erp/tax/draw.html", {**_facts(drawn), **facts})


@role_required(*KEEPERS)
@require_POST
@step_up_required
def file(request: HttpRequest) -> HttpResponse:
    """Declare a span."""
    form = SpanForm(request.POST)
    try:
        found = returns.file(company(), form.asked(company())["span"], request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("tax:draw")
    messages.success(request, _("The return of {span} is filed.").format(span=found))
    return redirect(found)


@role_required(*BOOK_READERS)
def vat_return(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A filed return: as it was filed, in any of its versions; or, while it is amended, as the books have it now."""
    found = _return(request, pk)
    versions = list(found.versions.order_by("-version"))
    version = _version(request, versions)
    amending = found.status == ReturnStatus.AMENDING and version is None
    drawn = returns.drawn_again(found) if amending else returns.drawn_as_filed(version or versions[0])
    if file_format := request.GET.get("format"):
        return _as_file(request, drawn, file_format)
    facts = {
        "return": found,
        "versions": versions,
        "version": None if amending else version or versions[0],
        "amending": amending,
        "may_write": has_role(request.user, *KEEPERS),
        "reason": ReasonForm(),
        "compared": any(figure.filed is not None for figure in drawn.figures),
    }
    return render(request, "erp/tax/return.html", {**_facts(drawn), **facts})


@role_required(*KEEPERS)
@require_POST
@step_up_required
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a filed return up again."""
    found, form = _return(request, pk), ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise BadInput(why=_("Say why the return is amended."), field="reason")
        returns.reopen(found, request.user, form.cleaned_data["reason"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Tax can be posted into {span} again until it is filed anew.").format(span=found))
    return redirect(found)


@role_required(*BOOK_READERS)
def profile(request: HttpRequest) -> HttpResponse:
    """How the company is taxed."""
    ours = company()
    form = ProfileForm(request.POST or None, instance=profile_of(ours), company=ours)
    may_write = has_role(request.user, *KEEPERS)
    if not may_write:
        for field in form.fields.values():
            field.disabled = True
    elif request.method == "POST" and form.is_valid():
        try:
            returns.set_profile(ours, request.user, **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved; it counts from now on."))
            return redirect("tax:profile")
    status = 422 if form.is_bound and form.errors else 200
    facts = {"form": form, "profile": profile_of(ours), "company": ours, "may_write": may_write}
    return render(request, "erp/tax/profile.html", facts, status=status)


def _return(request: HttpRequest, pk: UUID) -> VatReturn:
    return get_object_or_404(VatReturn.objects.visible_to(request.user).for_list(), pk=pk)


def _version(request: HttpRequest, versions: list[ReturnVersion]) -> ReturnVersion | None:
    asked = request.GET.get("version", "")
    if not asked:
        return None
    for one in versions:
        if str(one.version) == asked:
            return one
    raise NotFound(what=_("The version"))


def _facts(drawn: Drawn) -> dict[str, Any]:
    figures = [(figure, drawn.lines_query(figure) if figure.tags else "") for figure in drawn.figures]
    return {"drawn": drawn, "figures": figures, "currency": drawn.company.base_currency}


def _as_file(request: HttpRequest, drawn: Drawn, file_format: str) -> HttpResponseBase:
    """The boxes for a spreadsheet or on paper."""
    columns = [
        Heading(_("Box"), on_paper=False), Heading(_("Number on the form")), Heading(_("Name")),
        Heading(_("Amount"), is_number=True), Heading(_("Filed before"), is_number=True),
        Heading(_("Taxes"), on_paper=False),
    ]  # fmt: skip
    sheet = sheet_of(
        drawn.company, drawn.form.label, columns, map(_line, drawn.figures), by=request.user,
        start=drawn.start, end=drawn.end, known=drawn.known,
    )  # fmt: skip
    return as_file(sheet, file_format, f"{drawn.form.code}-{drawn.end.isoformat()}")


def _line(one: Figure) -> Line:
    names = [one.box.code, one.box.printed, one.box.label]
    if one.box.kind == BoxKind.HEADING:
        return Line(names, "heading")
    return Line([*names, one.amount, one.filed, ", ".join(one.tags)], "sum" if one.box.kind == BoxKind.SUM else "")
