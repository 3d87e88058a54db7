"""What holds for every module: the output parses, a second run changes nothing, and other text stays as it is."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from tests.port.porting import port

NAMES = {
    "fastapi": ["FastAPI", "APIRouter", "Depends", "Query", "Request", "status", "responses", "params", "nothing"],
    "fastapi.responses": ["JSONResponse", "HTMLResponse", "nothing"],
    "fastapi.routing": ["APIRouter", "serialize_response"],
    "starlette.applications": ["Starlette", "AppType"],
    "starlette.requests": ["Request", "Headers", "ClientDisconnect"],
    "starlette.routing": ["Route", "Router", "Mount"],
    "starlette.datastructures": ["Headers", "URL"],
    "os": ["path", "sep"],
}
ALIASES = st.sampled_from(["", "", "", " as App", " as FastAPI", " as fastapi", " as x"])
COMMENTS = st.sampled_from(["", "", "  # noqa: F401", "  # FastAPI"])


@st.composite
def from_imports(draw: st.DrawFn) -> str:
    module = draw(st.sampled_from(sorted(NAMES)))
    names = draw(st.lists(st.sampled_from(NAMES[module]), min_size=1, max_size=4, unique=True))
    aliased = [name + draw(ALIASES) for name in names]
    comment = draw(COMMENTS)
    if draw(st.booleans()):
        inner = "".join(f"    {name},{draw(COMMENTS)}\n" for name in aliased)
        return f"from {module} import (\n{inner}){comment}\n"
    return f"from {module} import {', '.join(aliased)}{comment}\n"


MODULES = st.sampled_from(
    ["fastapi", "fastapi.responses", "fastapi.utils", "starlette", "starlette.routing", "os", "fastapi as fa"]
)
IMPORTS = from_imports() | st.builds("import {}\n".format, MODULES) | st.just("from fastapi import *\n")
USES = st.sampled_from([
    "app = FastAPI()\n", "router: APIRouter = APIRouter()\n", "x = fastapi.FastAPI(fastapi.responses.JSONResponse)\n",
    "def f(a: 'FastAPI', b: \"fastapi.Request\") -> list['Starlette']: ...\n", "x = fa.Query, fa.utils.y\n",
    "class App(Starlette): ...\n", "FastAPI = None\n", "\n", "# FastAPI\n", "x = starlette.routing.Route\n",
    "def g(FastAPI, fastapi): return FastAPI(fastapi.Query)\n", "x = responses.JSONResponse, params.Query\n",
    "print(f'{FastAPI}', \"fastapi.Query\", status.HTTP_200_OK, status.nothing)\n", "del Request\n",
])  # fmt: skip


def _indented(prefix: str, block: list[str]) -> str:
    return prefix + "".join(f"    {line}\n" for text in block for line in text.splitlines()) + "    pass\n"


BLOCKS = st.builds(
    _indented,
    st.sampled_from(["if TYPE_CHECKING:\n", "def f():\n", "class A:\n"]),
    st.lists(from_imports() | USES, max_size=3),
)
MODULE_TEXTS = st.lists(IMPORTS | USES | BLOCKS, max_size=8).map("".join)
PLAIN_TEXTS = st.lists(USES | st.just("import os\n"), max_size=8).map("".join)


@given(MODULE_TEXTS)
def test_the_output_parses_and_a_second_run_changes_nothing(text: str) -> None:
    first = port(text)
    ast.parse(first.text)
    second = port(first.text)
    assert second.text == first.text
    assert sorted(each.there for each in second.left) == sorted(each.there for each in first.left)


@given(MODULE_TEXTS)
def test_what_is_left_is_exactly_what_is_still_imported(text: str) -> None:
    result = port(text)
    tree = ast.parse(result.text)
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert any(name and name.startswith(("fastapi", "starlette")) for name in froms | plain) == bool(result.left)


@given(PLAIN_TEXTS)
def test_text_without_such_imports_stays_as_it_is(text: str) -> None:
    assert port(text).text == text


@given(MODULE_TEXTS)
def test_line_ends_stay_as_they_are(text: str) -> None:
    assert port(text.replace("\n", "\r\n")).text == port(text).text.replace("\n", "\r\n")
