"""A document on paper: HTML to PDF/A pages.

The page is set by WeasyPrint, which needs the machine's Pango; where that is missing, the same page is set by
PlutoPrint, whose wheel carries all it needs (docs/adr/0012). Fonts are ours, from static/vendor/fonts. A document can
pull in nothing else: neither setter gets an address that is not one of those files.
"""

import io
import logging
import re
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import ImageCms
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from base.env import ROOT
from base.refusals import Refused

FONTS = ROOT / "static" / "vendor" / "fonts"
STYLE = ROOT / "static" / "print" / "document.css"
FACE = """@font-face {{ font-family: "Document {part}"; font-weight: {weight}; src: url("{url}") format("woff"); }}"""
PARTS = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese", "chinese-simplified")


class PdfImpossible(Refused):
    """Neither page setter works on this machine."""

    message = _("A PDF cannot be made on this machine: {why}")
    status = 503


def set_page(html: str, footer: str = "") -> bytes:
    """HTML to pages, by whichever of the two can work here."""
    style = "\n".join([*_faces(), STYLE.read_text(encoding="utf-8"), footer])
    html = html.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")  # not in our fonts
    if (lacking := _weasyprint_lacks()) is None:
        return set_by_weasyprint(html, style)
    try:
        return set_by_plutoprint(html, style)
    except (ImportError, OSError) as missing:
        raise PdfImpossible(why=f"{lacking}; {missing}"[:400]) from None


def css_string(lines: Sequence[str]) -> str:
    r"""Lines as CSS writes a string: nothing in them can end it.

    >>> print(css_string(["A \"B\"", "", "</style>"]))
    "A \22 B\22 \a \3c /style\3e "
    """
    text = "\n".join(line for line in lines if line)
    return '"' + re.sub(r"[^\w .,:@+()&/·-]", lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def foot(left: Sequence[str], centre: Sequence[str], right: Sequence[str]) -> str:
    """Who we are at the foot of each page, in three columns: the `footer` of `set_page`."""
    columns = {"left": left, "center": centre, "right": right}
    boxes = [f"@bottom-{place} {{ content: {css_string(lines)}; }}" for place, lines in columns.items()]
    return f"@page {{ {' '.join(boxes)} }}"


@cache
def _weasyprint_lacks() -> str | None:
    """What keeps WeasyPrint from working here, asked once a process: it says so on the terminal, at length."""
    for talkative in ("weasyprint", "fontTools"):  # a line or more for every page they set
        logging.getLogger(talkative).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # about libraries that a later version will want
            import weasyprint  # noqa: F401 -- fails where Pango is missing
    except (ImportError, OSError) as missing:
        return str(missing)[:200]
    return None


def set_by_weasyprint(html: str, style: str) -> bytes:
    import weasyprint  # fails where Pango is missing
    from weasyprint.text.fonts import FontConfiguration  # the same

    fonts = FontConfiguration()
    sheet = weasyprint.CSS(string=style, font_config=fonts, url_fetcher=_own_fonts_only)
    page = weasyprint.HTML(string=html, url_fetcher=_own_fonts_only)
    made: bytes = page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3b")
    return made


def _own_fonts_only(url: str, *_more: Any, **_options: Any) -> Any:
    """The bytes of a font of ours; anything else a document names is refused."""
    from weasyprint.urls import URLFetcherResponse  # as above

    return URLFetcherResponse(url, _font(url).read_bytes(), {"Content-Type": "font/woff"})


def set_by_plutoprint(html: str, style: str) -> bytes:
    import plutoprint  # 150 MB that most machines never load

    class OwnFontsOnly(plutoprint.ResourceFetcher):  # type: ignore[misc, unused-ignore]
        def fetch_url(self, url: str) -> Any:
            _font(url)
            # Its own reading, not our bytes: fonts outlive the interpreter, and freeing ours then would crash at exit.
            return super().fetch_url(url)

    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NONE)
    book.custom_resource_fetcher = OwnFontsOnly()
    book.load_html(html, user_style=style)
    made = io.BytesIO()
    book.write_to_pdf_stream(made)
    return _with_colour_profile(made.getvalue())


def _with_colour_profile(data: bytes) -> bytes:
    """PDF/A wants to know which red is meant: sRGB."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    profile = StreamObject()
    profile.set_data(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
            NameObject("/DestOutputProfile"): writer._add_object(profile),
        }
    )
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _font(url: str) -> Path:
    """The file of a font of ours; anything else is refused."""
    path = Path(url.removeprefix("file://")).resolve()
    if path.parent != FONTS.resolve():
        raise ValueError(f"a document may not fetch {url}")
    return path


@cache
def _faces() -> tuple[str, ...]:
    faces = [(part, weight, FONTS / f"{part}-{weight}.woff") for part in PARTS for weight in (400, 700)]
    return tuple(FACE.format(part=part, weight=weight, url=path.as_uri()) for part, weight, path in faces)
