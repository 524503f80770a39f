"""Tags for pieces of a page that are kept in memory, and for the token that never is (see `base.fragments`)."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from base import fragments

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString:
    """The hidden csrf input, also inside `{% include … only %}`, where Django's own tag finds nothing."""
    return _token_field(getattr(context, "request", None))


def _token_field(request: Any) -> SafeString:
    """The same in all forms of one page, so that a kept piece can be given this request's."""
    if request is None:
        return SafeString("")
    if not hasattr(request, "_token_field"):
        field = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
        request._token_field = field
    told: SafeString = request._token_field
    return told


class KeptNode(template.Node):
    """`{% kept "name" key … %}…{% endkept %}`: its body, written once for each key (see `base.fragments`)."""

    child_nodelists = ("body",)

    def __init__(self, name: FilterExpression, keys: list[FilterExpression], body: NodeList) -> None:
        self.name, self.keys, self.body = name, keys, body

    def render(self, context: Context) -> SafeString:
        request = getattr(context, "request", None)
        if request is None:  # without one a form has no token, and such a form must not be kept
            return self.body.render(context)
        key = tuple(expression.resolve(context, ignore_failures=True) for expression in self.keys)
        name = str(self.name.resolve(context))
        told = fragments.piece(name, key, lambda: self.body.render(context), lambda: _token_field(request))
        return mark_safe(told)  # noqa: S308 -- written by a template


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """A piece of the page that depends on nothing but the language and the keys that are named."""
    _tag, name, *keys = token.split_contents()
    body = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(parser.compile_filter(name), [parser.compile_filter(key) for key in keys], body)
