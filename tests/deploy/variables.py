"""Which variables of the environment the code reads: found in its syntax, not among its words."""

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path

from deploy.environment import ROOT

TOPS = ("base", "crm", "erp", "integration", "deploy")
MEASURES = ("bench", "chaos", "proofs")
FRONT_DOOR = (ROOT / "deploy" / "Caddyfile", ROOT / "deploy" / "container" / "compose.yaml")
READERS = {"env_text", "env_bool", "env_int", "env_list", "env_proxies"}
NAME = re.compile(r"(?:<SIDE>_)?[A-Z][A-Z_]+")


@cache
def read_variables() -> set[str]:
    """Names as the operator's guide writes them: `<SIDE>_URL` for what each side has under its own name."""
    return read_in(ROOT / "manage.py") | _read_under(TOPS)


def read_beside() -> set[str]:
    """What the measuring programs, the containers' file and the front door read; no table has them."""
    written = "".join(path.read_text() for path in FRONT_DOOR)
    return _read_under(MEASURES) | set(re.findall(r"(?:\$\{|\{\$)([A-Z_]+)", written))


def _read_under(tops: tuple[str, ...]) -> set[str]:
    return {name for top in tops for path in (ROOT / top).rglob("*.py") for name in read_in(path)}


def read_in(path: Path) -> set[str]:
    """The names that one file reads."""
    tree = ast.parse(path.read_text())
    told: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                told.setdefault(name, []).append(value)
    asked = [expression for node in ast.walk(tree) if (expression := _asked(node)) is not None]
    return {text for expression in asked for text in _texts(expression, told) if NAME.fullmatch(text)}


def _asked(node: ast.AST) -> ast.expr | None:
    """What stands in `env_text(…)`, `environ.get(…)`, `environ[…]` or before `in environ`, if that is what this is."""
    match node:
        case ast.Call(func=ast.Name(id=called), args=[first, *_]) if called in READERS:
            return first
        case ast.Call(func=ast.Attribute(value=whose, attr="get"), args=[first, *_]) if _is_environment(whose):
            return first
        case ast.Subscript(value=whose, slice=first, ctx=ast.Load()) if _is_environment(whose):
            return first
        case ast.Compare(left=first, ops=[ast.In() | ast.NotIn()], comparators=[whose]) if _is_environment(whose):
            return first
    return None


def _is_environment(whose: ast.expr) -> bool:
    return ast.unparse(whose) in ("os.environ", "environ", "environment")


def _texts(expression: ast.expr, told: dict[str, list[ast.expr]]) -> set[str]:
    """What the expression can come to; a side's name in capitals is `<SIDE>`."""
    match expression:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.Name(id=name) if name in told:
            deeper = {other: values for other, values in told.items() if other != name}
            return {text for value in told[name] for text in _texts(value, deeper)}
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, told) | _texts(other, told)
        case ast.Call(func=ast.Attribute(attr="upper")):
            return {"<SIDE>"}
        case ast.FormattedValue(value=value):
            return _texts(value, told)
        case ast.JoinedStr(values=parts):
            return {"".join(pieces) for pieces in product(*(_texts(part, told) for part in parts))}
    return set()
