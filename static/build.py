"""Make static/vendor/ from node_modules and from our own parts: `npm ci && python static/build.py`.

Third-party files are copied, the icons in use become one sprite, and each side's stylesheets become one file, so that
a phone on a bad network asks once. Only the standard library is used, for this runs before anything is installed.
"""

import re
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
MODULES = ROOT / "node_modules"
VENDOR = STATIC / "vendor"
ICONS = MODULES / "@tabler/icons/icons"
SVG = "http://www.w3.org/2000/svg"
LINE = {"stroke-linecap": "round", "stroke-linejoin": "round"}

COPIED = {
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "sortablejs/Sortable.min.js": "sortable.js",
    "echarts/dist/echarts.common.min.js": "echarts.js",
    # What printed documents are set in (base/paper.py): a machine need not have a Chinese font.
    **{
        f"@fontsource/{family}/files/{family}-{part}-{weight}-normal.woff": f"fonts/{part}-{weight}.woff"
        for family, parts in {
            "noto-sans": ("latin", "latin-ext", "greek", "cyrillic", "vietnamese"),
            "noto-sans-sc": ("chinese-simplified",),
        }.items()
        for part in parts
        for weight in (400, 700)
    },
}
# Order matters: tokens first, densities last.
PARTS = [
    "tokens",
    "elements",
    "layout",
    "nav",
    "button",
    "form",
    "table",
    "card",
    "status",
    "tag",
    "stat",
    "plot",
    "timeline",
    "steps",
    "board",
    "deal",
    "dialog",
    "toast",
    "empty",
    "pager",
    "tabs",
    "list",
    "notice",
    "talk",
    "login",
    "grid",
    "listing",
    "progress",
    "exchange",
]
SIDES = {"crm": ("narrow", "crm"), "erp": ("erp",), "integration": ("narrow", "hub")}

ICON_IN_TEMPLATE = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']|\bicon=["']([a-z0-9-]+)["']""")
ICON_IN_PYTHON = re.compile(r"""["']?icon["']?\s*[:=]\s*["']([a-z0-9-]+)["']""")


def main() -> int:
    """Build all; say on stderr what is missing."""
    if not MODULES.is_dir():
        print("node_modules is missing: run `npm ci` first.", file=sys.stderr)
        return 1
    VENDOR.mkdir(exist_ok=True)
    (VENDOR / "fonts").mkdir(exist_ok=True)
    for source, target in COPIED.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    names = used_icons()
    unknown = sorted(name for name in names if icon_file(name) is None)
    if unknown:
        print(f"No such icons in the Tabler set: {', '.join(unknown)}", file=sys.stderr)
    (VENDOR / "icons.svg").write_text(sprite(sorted(names - set(unknown))), encoding="utf-8")
    for side, sheets in SIDES.items():
        (VENDOR / f"{side}.css").write_text(bundle([*PARTS, *sheets, "print"]), encoding="utf-8")
    return 1 if unknown else 0


def used_icons() -> set[str]:
    """Names written in icons.txt (for computed names), in templates and in Python."""
    names = {
        line.strip() for line in (STATIC / "icons.txt").read_text().splitlines() if line.strip()[:1] not in ("", "#")
    }
    for path in (ROOT / "templates").rglob("*.html"):
        names |= {name for pair in ICON_IN_TEMPLATE.findall(path.read_text(encoding="utf-8")) for name in pair if name}
    for folder in ("base", "crm", "erp", "integration"):
        for path in (ROOT / folder).rglob("*.py"):
            names |= set(ICON_IN_PYTHON.findall(path.read_text(encoding="utf-8")))
    return names


def icon_file(name: str) -> Path | None:
    """`star` is the outline, `star-filled` the filled form."""
    path = ICONS / "filled" / f"{name.removesuffix('-filled')}.svg" if name.endswith("-filled") else None
    path = path or ICONS / "outline" / f"{name}.svg"
    return path if path.is_file() else None


def sprite(names: list[str]) -> str:
    """One SVG of symbols; `<use href="…/icons.svg#truck">` shows one of them in the text's colour."""
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    for name in names:
        root.append(symbol(name))
    return ET.tostring(root, encoding="unicode")


def symbol(name: str) -> ET.Element:
    """The icon as a symbol, without the invisible frame that Tabler draws for editors."""
    path = icon_file(name)
    assert path is not None
    # The file comes from a package pinned by its digest.
    source = ET.parse(path).getroot()  # noqa: S314
    shape = {"fill": "currentColor", "stroke": "none"} if name.endswith("-filled") else LINE
    found = ET.Element(f"{{{SVG}}}symbol", {"id": name, "viewBox": source.attrib["viewBox"], **shape})
    found.extend(child for child in source if child.get("d") != "M0 0h24v24H0z")
    for child in found:
        child.tail = None
    return found


def bundle(parts: list[str]) -> str:
    """The named stylesheets, one after the other, without comments and blank lines."""
    return "\n".join(squeeze((STATIC / "css" / f"{part}.css").read_text(encoding="utf-8")) for part in parts)


def squeeze(css: str) -> str:
    """Drop comments and indentation; whoever reads the source reads the parts.

    >>> squeeze("/* calm */\\na {\\n  color: red;\\n}\\n")
    'a {\\ncolor: red;\\n}'
    """
    return "\n".join(_lines(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)))


def _lines(text: str) -> Iterator[str]:
    return (stripped for line in text.splitlines() if (stripped := line.strip()))


if __name__ == "__main__":
    sys.exit(main())
