"""What rules find, before and after the imports are rewritten; each is tied to a row of the page."""

from pathlib import Path

import pytest

from signette.port.findings import FROM_FASTAPI, Kind
from signette.port.inspecting import findings_of
from signette.port.rewriting import rewrite
from signette.port.rules.rule import Rule
from signette.port.rules.table import RULES
from signette.port.tree import Tree
from tests.docs.from_fastapi import name_of
from tests.examples.topics.differences import DIFFERENCES
from tests.examples.topics.every_row import ROWS

FOUND = {
    "on-event": ["app = FastAPI()\n@app.on_event('startup')\ndef f(): ...\n", "app.router.on_event('shutdown')(f)\n"],
    "unused-option": ["app = FastAPI(swagger_ui_parameters={})\n", "app = FastAPI(telemetry={})\n"],
    "raw-data": ["x = ServerSentEvent(raw_data='a')\n"],
    "none-is-204": ["@app.get('/')\ndef f() -> None: ...\n", "@r.post('')\nasync def f(a: int) -> None: ...\n"],
    "other-result": [
        "@app.get('/', status_code=200)\ndef f() -> None:\n    return {'a': 1}\n",
        "@app.get('/')\ndef f() -> Response:\n    if x:\n        return Response()\n    return {'a': 1}\n",
    ],
    "str-is-text": ["@app.get('/a')\ndef f() -> str: ...\n", "@r.api_route(path='/a')\ndef f() -> str: ...\n"],
    "bytes-are-binary": ["@app.get('/a')\ndef f() -> bytes: ...\n"],
    "path-is-file": ["import pathlib\n@app.get('/a')\ndef f() -> pathlib.Path: ...\n"],
    "text-stream": ["from typing import Iterator\n@app.get('/a')\ndef f() -> Iterator[str]: ...\n"],
    "error-shape": [
        "x = response.json()['detail'][0]['loc']\n",
        "assert response.json()['detail'] == other\n",
        "assert response.json() == {'detail': 'Not Found'}\n",
        "body['detail'][0]\n",
    ],
    "error-entries": [
        "@app.exception_handler(RequestValidationError)\ndef f(r, exc):\n    return [e['loc'] for e in exc.errors()]\n",
        "@app.exception_handler(RequestValidationError)\ndef f(r, exc):\n    return jsonable_encoder(exc.errors())\n",
        "def f(r, exc: RequestValidationError):\n    return exc.errors()[0]['msg']\n",
    ],
    "error-data": ["raise HTTPException(404, {'a': 1})\n", "raise HTTPException(status_code=404, detail=[1])\n"],
    "one-http-exception": [
        "@app.exception_handler(HTTPException)\ndef f(r, e): ...\n",
        "app.add_exception_handler(HTTPException, f)\n",
    ],
    "broken-json": [
        "async def f(request):\n    try:\n        await request.json()\n    except JSONDecodeError:\n        x = 1\n"
    ],
}  # fmt: skip
NOT_FOUND = [
    "@app.get('/')\ndef f() -> int: ...\n",
    "@app.get('/')\ndef f(): ...\n",
    "def f() -> None: ...\n",
    "@app.get('/', status_code=200)\ndef f() -> None:\n    return None\n",
    "@app.get('/', status_code=200)\ndef f() -> None:\n    def g(): return 1\n    return\n",
    "@app.get('/')\ndef f() -> Response:\n    return Response()\n",
    "@app.websocket('/')\nasync def f() -> None: ...\n",
    "@cache.get('key')\ndef f() -> None: ...\n",
    "@app.get('/', status_code=204)\ndef f() -> None: ...\n",
    "@app.get('/', response_class=JSONResponse)\ndef f() -> str: ...\n",
    "class str: ...\n@app.get('/')\ndef f() -> str: ...\n",
    "raise HTTPException(404, 'text')\n",
    "raise HTTPException(404, detail=f'{x}')\n",
    "assert response.json()['detail'] == 'Not Found'\n",
    "assert response.json() == {'detail': 1, 'other': 2}\n",
    "def f(e):\n    return e['loc']\n",
    "@app.exception_handler(ValueError)\ndef f(r, e): ...\n",
    "ServerSentEvent(data='a')\n",
    "app.on_event()\n",
]
IMPORTS = """\
from fastapi import FastAPI, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.sse import ServerSentEvent
"""


def rules_in(text: str, kind: Kind = Kind.BEHAVIOR) -> list[str]:
    tree = Tree(text)
    found = findings_of(Path("tests/test_shop.py"), tree, rewrite(tree).left, ())
    return [each.rule if kind is Kind.BEHAVIOR else each.problem for each in found if each.kind is kind]


@pytest.mark.parametrize(("rule", "source"), [(rule, source) for rule in FOUND for source in FOUND[rule]])
def test_a_rule_finds_its_code_before_and_after_the_imports_change(rule: str, source: str) -> None:
    assert set(rules_in(IMPORTS + source)) == {rule}
    assert set(rules_in(rewrite(Tree(IMPORTS + source)).text)) == {rule}


@pytest.mark.parametrize("source", NOT_FOUND)
def test_a_rule_finds_nothing_else(source: str) -> None:
    assert rules_in(IMPORTS + source) == []


def test_each_rule_is_tried() -> None:
    assert {rule.code for rule in RULES} == set(FOUND)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_has_a_row_on_its_page(rule: Rule) -> None:
    assert rule.page == FROM_FASTAPI
    assert rule.row in {name_of(row) for row in (*DIFFERENCES, *ROWS)}


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("FastAPI(title='a', nowhere=None, redoc_url='/r', nothing=1)\n",
         ["`App` has no option `nowhere`", "`App` has no option `nothing`"]),
        ("from fastapi import APIRouter\nAPIRouter(prefix='/a', tags=['b'], nothing=1)\n",
         ["`Router` has no option `nothing`"]),
        ("from starlette.routing import Router\nRouter(nothing=1)\n", []),
        ("from starlette.applications import Starlette\nStarlette(debug=True, nothing=1)\n",
         ["`Application` has no option `nothing`"]),
        ("FastAPI(title='a', debug=True, lifespan=f, dependencies=[], **more)\n", []),
        ("f(nowhere=None)\n", []),
    ],
)  # fmt: skip
def test_an_option_that_is_rejected_is_left(source: str, problems: list[str]) -> None:
    assert rules_in(IMPORTS + source, Kind.LEFT) == problems
    assert rules_in(rewrite(Tree(IMPORTS + source)).text, Kind.LEFT) == problems


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("patch('fastapi.Request')\n", ['`"fastapi.Request"` is a text']),
        ("x = {'loggers': {'starlette.routing': 1}}\n", ['`"starlette.routing"` is a text']),
        ("logging.getLogger('fastapi')\n", ['`"fastapi"` is a text']),
        ("tags = ['fastapi', 'fastapi is good', 'my.fastapi.x', 'https://fastapi.tiangolo.com']\n", []),
        ('"""fastapi and starlette."""\n', []),
    ],
)
def test_strings_that_name_modules_are_listed(source: str, texts: list[str]) -> None:
    assert rules_in(source, Kind.TEXT) == texts


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("import fastapi_users\n", ["`fastapi_users`"]),
        ("from slowapi.util import x\n", ["`slowapi`"]),
        ("import sentry_sdk.integrations.fastapi\n", ["`sentry_sdk.integrations.fastapi`"]),
        ("from sse_starlette.sse import x\n", ["`sse_starlette`"]),
        ("from .fastapi_things import x\nimport os\nimport signette\n", []),
    ],
)
def test_packages_of_the_other_framework_are_listed(source: str, packages: list[str]) -> None:
    assert rules_in(source, Kind.PACKAGE) == [f"{name} imports FastAPI or Starlette itself" for name in packages]
