"""Every form of every page: found by walking the pages, sent with every text in every field that takes words."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus, urljoin, urlsplit
from uuid import uuid4

from proofs._keeping import NOTHING, REFUSED, Keeping, Tally
from proofs._naughty import SHORT, Naughty, marked, texts
from proofs._places import wanted

WORDS = ("text", "search", "email", "url", "tel", "password")
EACH = 3  # how many addresses of one pattern are looked at: records in different states have different forms
# Would end the walk, or is a key of a machine.
NEVER = re.compile(r"/logout/|/login/code|webauthn|/sessions/.*end|/password/$|/signing-keys/.")


@dataclass
class Control:
    """One field of a form, as a browser would send it."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    required: bool = False


@dataclass
class Form:
    """Where it goes and what it has."""

    page: str
    action: str
    method: str
    files: bool = False
    controls: dict[str, Control] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The fields that take any text."""
        return [one.name for one in self.controls.values() if one.kind in WORDS or one.kind == "textarea"]

    def filled(self) -> list[tuple[str, str]]:
        """What a person who fills in only what must be would send."""
        return [(one.name, value) for one in self.controls.values() for value in _filled(one)]


class Page(HTMLParser):
    """The forms and addresses of one page."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.bad: set[str] = set()
        self._open: list[Form] = []
        self._select: Control | None = None
        self._area: Control | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.links += [
            urljoin(self.address, told[name]) for name in ("href", "hx-get", "src", "data-url") if told.get(name)
        ]
        if tag == "form":
            target = next((told[name] for name in ("hx-post", "hx-patch", "hx-put", "action") if told.get(name)), "")
            method = "get" if told.get("method", "get").lower() == "get" and "hx-post" not in told else "post"
            self._open.append(Form(self.address, urljoin(self.address, target or self.address), method))
            self._open[-1].files = "multipart" in told.get("enctype", "")
            self.forms.append(self._open[-1])
        elif tag in ("input", "select", "textarea", "button") and told.get("name"):
            self._control(tag, told)
        elif tag == "option" and self._select is not None:
            self._select.options.append(told.get("value", ""))
            if "selected" in told:
                self._select.values.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.values = ["".join(self._area.values) + data]

    def _control(self, tag: str, told: dict[str, str]) -> None:
        form = next((one for one in self.forms if told.get("form") and told["form"] == one.page), None)
        form = form or (self._open[-1] if self._open else None)
        if "aria-invalid" in told:
            self.bad.add(told["name"])
        if form is None or "disabled" in told:
            return
        kind = told.get("type", "text").lower() if tag == "input" else tag
        if kind in ("submit", "button", "image", "reset", "file"):
            return
        known = form.controls.get(told["name"])
        one = known if known is not None and kind in ("checkbox", "radio") else Control(told["name"], kind)
        one.required = one.required or "required" in told
        if tag == "input":
            if kind not in ("checkbox", "radio") or "checked" in told:
                one.values.append(told.get("value", "on" if kind == "checkbox" else ""))
            one.options.append(told.get("value", "on"))
        form.controls[told["name"]] = one
        self._select = one if tag == "select" else self._select
        self._area = one if tag == "textarea" else self._area


def _filled(one: Control) -> list[str]:
    value = one.values[-1] if one.values else ""
    if one.kind == "select":
        real = [option for option in one.options if option]
        return one.values or ([real[0]] if one.required and real else one.options[:1])
    if one.kind == "checkbox":
        return one.values
    if one.kind == "radio":
        return one.values or one.options[:1]
    if value or not one.required:
        return [value]
    return {
        "number": ["1"], "date": ["2026-11-25"], "datetime-local": ["2026-11-25T12:00"], "time": ["12:00"],
        "email": ["somebody@example.com"], "url": ["https://example.com/"],
    }.get(one.kind, ["1" if re.search("quantity|amount|price|rate|days", one.name) else "Words"])  # fmt: skip


class Walk:
    """All pages that one person reaches, and the forms on them."""

    def __init__(self, client: Any, tally: Tally, names: tuple[str, ...] = (), most: int = 0) -> None:
        self.client, self.tally, self.names, self.most = client, tally, names, most
        self.keeping = Keeping()
        self.pages: list[str] = []
        self.routes: dict[str, int] = defaultdict(int)
        self.forms: dict[str, Form] = {}
        self.number = 0

    def crawl(self, starts: list[str], most: int = 10**6) -> None:
        """From the start page along every link, a few addresses of each pattern; at most so many pages."""
        waiting, seen = list(starts), set(starts)
        while waiting and len(self.pages) < most:
            address = waiting.pop(0)
            route = self.route(address)
            if not route or NEVER.search(address) or self.routes[route] >= EACH:
                continue
            self.routes[route] += 1
            page = self._page(address)
            if page is None:
                continue
            self.pages.append(address)
            for form in page.forms:
                form.controls = {
                    name: one for name, one in form.controls.items() if name not in ("_popup", "_to_field")
                }
                key = f"{self.pattern(form.action)} {form.method} {','.join(sorted(form.controls))}"
                if self.route(form.action) and not NEVER.search(form.action):
                    self.forms.setdefault(key, form)
                    if form.method == "post":  # what answers to a look is a form as well
                        page.links.append(form.action)
            for link in page.links:
                told = urlsplit(link)
                short = told.path + (f"?{told.query}" if told.query and len(told.query) < 60 else "")
                if not told.netloc and short not in seen:
                    seen.add(short)
                    waiting.append(short)

    def send(self) -> None:
        """Every text in every field of every form."""
        forms = sorted((key, form) for key, form in self.forms.items() if wanted(form.action))
        for _key, form in forms[:: -(-len(forms) // self.most)] if self.most else forms:
            # Django's own admin has one way with all texts; a short list shows it field by field.
            names = self.names or (SHORT if form.action.startswith("/admin/") else ())
            for name in form.words:
                for text_name, _pattern in texts(names):
                    self._one(form, name, self._next(text_name))
            for one in form.controls.values():  # what no person could type there
                if one.name not in form.words and one.name != "csrfmiddlewaretoken":
                    self._hostile(form, one.name, self._next("no choice"))

    def pattern(self, address: str) -> str:
        """The address as the resolver has it."""
        return self.route(address).split(" ")[0]

    def route(self, address: str) -> str:
        """The pattern, with what is not a key: `lists/orders/columns/` and `lists/deals/columns/` are two."""
        from django.urls import Resolver404, resolve

        try:
            found = resolve(urlsplit(address).path)
        except Resolver404:
            return ""
        if address.startswith(("/static/", "/api/")):
            return ""
        words = [
            str(value) for value in found.kwargs.values() if isinstance(value, str) and re.fullmatch("[a-z_-]+", value)
        ]
        return " ".join([f"/{found.route}", *words])

    def _page(self, address: str) -> Page | None:
        answer = self.client.get(address)
        self.tally.that(answer.status_code < 500, f"GET {address}: {answer.status_code}")
        if answer.streaming:  # a file is closed when it has been read
            b"".join(answer)
        if answer.status_code not in (200, 422) or "html" not in answer.headers.get("Content-Type", ""):
            return None
        return Page(address, answer.content.decode())

    def _next(self, name: str) -> Naughty:
        self.number += 1
        return marked(name, self.number)

    def _one(self, form: Form, name: str, text: Naughty) -> None:
        place = f"{form.method.upper()} {self.route(form.action)} {name}"
        with self.keeping.undone():
            answer = self._submit(form, name, text.text)
            if form.method == "get":
                self.tally.that(answer.status_code < 500, f"{place} with {text.name}: {answer.status_code}")
                return
            fate, said = self.keeping.fate(text)
            if fate == NOTHING and self._is_refused(answer, form.action, name):
                fate = REFUSED
        self.tally.judge(place, text, answer.status_code, fate, said)

    def _hostile(self, form: Form, name: str, text: Naughty) -> None:
        with self.keeping.undone():
            answer = self._submit(form, name, text.text)
        told = f"{form.method.upper()} {self.route(form.action)} {name} (no text field) with {text.name}"
        self.tally.that(answer.status_code < 500, f"{told}: {answer.status_code}")

    def keep(self, names: tuple[str, ...]) -> None:
        """Send these for good, so that a browser may look at what became of them."""
        for form in self.forms.values():
            if form.method == "post" and form.words:
                for text_name in names:
                    values = {name: self._next(text_name).text for name in form.words}
                    self._submit(form, values=values)

    def _submit(self, form: Form, name: str = "", text: str = "", values: dict[str, str] | None = None) -> Any:
        told = {name: text} if values is None else values
        pairs = [(one, told.get(one, value)) for one, value in form.filled()]
        pairs = [(one, str(uuid4()) if one == "idempotency_key" and one not in told else value) for one, value in pairs]
        pairs += [(one, value) for one, value in told.items() if one not in dict(pairs)]
        if form.method == "get":
            query = "&".join(f"{_quoted(one)}={_quoted(value)}" for one, value in pairs)
            return self.client.get(f"{urlsplit(form.action).path}?{query}")
        if form.files:
            return self.client.post(
                form.action, {one: value.encode("utf-8", "replace").decode() for one, value in pairs}
            )
        body = "&".join(f"{_quoted(one)}={_quoted(value)}" for one, value in pairs)
        return self.client.post(form.action, body, content_type="application/x-www-form-urlencoded")

    def _is_refused(self, answer: Any, address: str, name: str) -> bool:
        if answer.status_code not in (200, 422, 400) or "html" not in answer.headers.get("Content-Type", ""):
            return False
        return name in Page(address, answer.content.decode("utf-8", "replace")).bad


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))
