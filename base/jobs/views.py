"""Pages of jobs: what I started, how far it is, what came out."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from base import jobs
from base.jobs.lists import JOBS
from base.listing.views import show
from base.ui import side_shell


def _visible(request: HttpRequest) -> Any:
    return apps.get_model("access", "Job").objects.visible_to(request.user).select_related("owner").defer("params")


@require_GET
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    """My jobs, the newest first; an admin may look at everybody's."""
    return show(request, JOBS)


@require_GET
@login_required
def job_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job."""
    job = get_object_or_404(_visible(request), pk=pk)
    return render(request, "jobs/detail.html", {"job": job, "kind": jobs.kind_of(job.kind), "shell": side_shell()})


@require_GET
@login_required
def job_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part that moves; 204 while nothing did."""
    job = get_object_or_404(_visible(request), pk=pk)
    if request.GET.get("revision") == job.revision:
        return HttpResponse(status=204)
    response = render(request, "jobs/_progress.html", {"job": job})
    if job.is_over:
        response.headers["HX-Trigger"] = "job-over"
    return response


@require_POST
@login_required
def job_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop it."""
    job = get_object_or_404(_visible(request), pk=pk)
    jobs.cancel(job)
    return redirect(job.url or job.get_absolute_url())


@require_GET
@login_required
def job_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """What came out, for its owner and admins only."""
    return send_file(get_object_or_404(_visible(request), pk=pk))


def send_file(job: Any) -> FileResponse:
    """The job's result as a download."""
    if not job.file_name or not job.file_path.is_file():
        raise Http404
    return FileResponse(job.file_path.open("rb"), as_attachment=True, filename=job.file_name)
