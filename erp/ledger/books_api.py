"""The whole books over REST as plain text, for another program to check."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request

from base.api import ApiMixin
from base.roles import RolePermission
from erp.ledger.plaintext import DIALECTS
from erp.ledger.roles import READERS
from erp.ledger.views import books_file

DIALECT = OpenApiParameter("dialect", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(DIALECTS))


class BooksViewSet(ApiMixin, viewsets.ViewSet):
    """Everything that was ever posted, with a balance assertion for every account."""

    permission_classes = [RolePermission.of(read=READERS)]
    lookup_field = "dialect"
    lookup_value_regex = "|".join(DIALECTS)

    @extend_schema(parameters=[DIALECT], responses={(200, "text/plain"): OpenApiTypes.STR})
    def retrieve(self, request: Request, dialect: str) -> StreamingHttpResponse:
        """The books as beancount or hledger reads them."""
        return books_file(dialect)


router_entries: list[tuple[str, Any, str]] = [("ledger/books", BooksViewSet, "ledger-books")]
