"""Nobody reads rows past `visible_to`: neither a page, a panel, a list nor the API."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import get_resolver
from rest_framework.generics import GenericAPIView

from base.api import ApiMixin
from base.listing.lists_api import ListViewSet  # serves lists, each with a door of its own, and no model

ROOT = Path(__file__).resolve().parent.parent.parent
FACES = ("views.py", "panels.py", "lists.py", "trail.py", "api.py")
# What is read past it, and why that tells nobody anything.
REASONS = {
    "Incoming": "the event behind a record that was found through visible_to",
    "JournalLine": "narrows entries that came through visible_to",
    "Receipt": "the receipt that this very call has written",
    "Product": "narrows products that came through visible_to",
    "Shipment": "what the viewset's get_queryset starts from, and the parcel that this very call has sent",
    "WebForm": "a public page: whoever knows its address is meant to fill it",
    "DealLine": "lines of deals that came through visible_to",
    "Deal": "the deal that this very call has changed, and the way in to an account that one's own deal is",
    "Ticket": "the way in to an account that one's own ticket is",
    **dict.fromkeys(
        ("Archived", "Delivery", "Mapping", "Route", "Case", "Pause", "Silence", "Grant", "Comparison"),
        "the hub has one role that may come in at all, asked at every page and call, and it sees every row",
    ),
}
BY_CALLER = "serializer fields name rows to write to; services and `validate_…` judge them"


def _domains() -> list[Path]:
    return [folder for folder in (ROOT / settings.SIDE).iterdir() if folder.is_dir()]


def _faces() -> list[Path]:
    found = [path for folder in _domains() for path in folder.glob("*.py")]
    return sorted(path for path in found if path.name in FACES or path.name.endswith(("_views.py", "_api.py")))


def _guarded() -> set[str]:
    """The models of this side that have a door."""
    return {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith(settings.SIDE) and hasattr(model._default_manager.all(), "visible_to")
    }


class _Reader(ast.NodeVisitor):
    """Collects `Model.objects…` and `get_object_or_404(Model, …)` that do not go through the door."""

    def __init__(self, guarded: set[str]) -> None:
        self.guarded, self.parents, self.past = guarded, [], []

    def generic_visit(self, node: ast.AST) -> None:
        self.parents.append(node)
        super().generic_visit(node)
        self.parents.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "get_object_or_404" and isinstance(node.args[0], ast.Name) and node.args[0].id in self.guarded:
            self.past.append((node.lineno, node.args[0].id))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        is_model = isinstance(node.value, ast.Name) and node.value.id in self.guarded
        if node.attr == "objects" and is_model and "visible_to" not in self._chain() and not self._of_a_class():
            self.past.append((node.lineno, node.value.id))
        self.generic_visit(node)

    def _chain(self) -> list[str]:
        names = []
        for parent in reversed(self.parents):
            if isinstance(parent, ast.Attribute):
                names.append(parent.attr)
            elif not isinstance(parent, ast.Call):
                break
        return names

    def _of_a_class(self) -> bool:
        """A class's `queryset = …`, or a module's: the viewset's get_queryset puts it through the door."""
        return not any(isinstance(parent, ast.FunctionDef) for parent in self.parents)


def test_faces_read_rows_through_visible_to_only():
    guarded, past = _guarded(), []
    for path in _faces():
        reader = _Reader(guarded)
        reader.visit(ast.parse(path.read_text("utf-8")))
        past += [f"{path.relative_to(ROOT)}:{line} {name}" for line, name in reader.past if name not in REASONS]

    assert past == []


def test_every_model_that_the_api_serves_has_a_door():
    open_doors = [
        view.__name__ for view in _viewsets() if not hasattr(_model(view)._default_manager.all(), "visible_to")
    ]

    assert open_doors == []


def test_every_viewset_goes_through_it():
    past = [view.__name__ for view in _viewsets() if not issubclass(view, ApiMixin)]

    assert past == []


@pytest.mark.django_db
def test_whoever_has_no_role_gets_no_row_of_any_model_with_a_door(django_user_model):
    stranger = django_user_model.objects.create(username="stranger")
    seen = [
        model.__name__
        for model in apps.get_models()
        if hasattr(model._default_manager.all(), "visible_to") and not _own(model)
        if model._default_manager.visible_to(stranger).query.is_empty() is False
        and model._default_manager.visible_to(stranger).exists()
    ]

    assert seen == []


def _own(model: type[models.Model]) -> bool:
    return model._meta.app_label == "access"


def _viewsets() -> list[type[GenericAPIView]]:
    found = {}
    pending = [get_resolver()]
    while pending:
        for pattern in pending.pop().url_patterns:
            if hasattr(pattern, "url_patterns"):
                pending.append(pattern)
            view = getattr(pattern.callback, "cls", None) if hasattr(pattern, "callback") else None
            if (
                view
                and issubclass(view, GenericAPIView)
                and view is not ListViewSet
                and view.__module__.startswith(("base", settings.SIDE))
            ):
                found[view.__name__] = view
    return list(found.values())


def _model(view: type[GenericAPIView]) -> type[models.Model]:
    if view.queryset is not None:
        return view.queryset.model
    of_rows = getattr(view.serializer_class, "Meta", None)
    tables = {"JobViewSet": "Job", "TokenViewSet": "ApiToken", "ImportViewSet": "Import"}
    tables |= {"SavedViewViewSet": "SavedView", "BulkChangeViewSet": "BulkChange", "NoticeViewSet": "Notice"}
    tables |= {"SessionViewSet": "SignIn"}
    return of_rows.model if of_rows else apps.get_model("access", tables[view.__name__])
