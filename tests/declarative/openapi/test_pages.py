"""The documentation page's promises, without a browser: it escapes, loads nothing, and its policy fits what is sent.

tests/browser/ looks at the page with a real one."""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from html import unescape
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import anyio
import pytest

from signette import App, Depends, Mount, WebSocket
from signette.applications import Application
from signette.declarative.openapi.builtin_page import SCRIPTS, page_template, redirect_page
from signette.security import OAuth2PasswordBearer, OpenIdConnect
from signette.testclient import TestClient
from tests.asgi import call

ASSETS = files("signette.declarative.openapi") / "assets"
HTML = {"docs": page_template().html, "redirect": bytes(redirect_page().body).decode()}
MARKUP = "\"><script>alert('1')</script>&amp;"


def shown(app: Any, path: str = "/docs", **options: Any) -> Any:
    response = TestClient(app, **options).get(path)
    assert response.status_code == 200
    return response


def policy_of(response: Any) -> dict[str, list[str]]:
    """The policy by directives."""
    directives = (directive.split() for directive in response.headers["content-security-policy"].split(";"))
    return {name: values for name, *values in directives}


def part(html: str, tag: str) -> str:
    (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    return str(found)


def hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_the_style_and_the_script_of_the_page_by_their_hashes_alone() -> None:
    response = shown(App(title="Shop"))
    policy = policy_of(response)
    assert policy["style-src"] == [hashed(part(response.text, "style"))]
    assert policy["script-src"] == [hashed(part(response.text, "script"))]
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["connect-src"] == ["'self'"]
    assert policy["img-src"] == ["data:", "blob:"]
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == (["'script'"], ["'none'"])


def test_the_page_is_html_in_utf_8() -> None:
    assert shown(App()).headers["content-type"] == "text/html; charset=utf-8"


def test_title_and_address_change_nothing_that_is_hashed() -> None:
    first, second = shown(App(title="One")), shown(App(title=MARKUP), root_path="/api")
    assert first.headers["content-security-policy"] == second.headers["content-security-policy"]
    assert part(first.text, "script") == part(second.text, "script")


@pytest.mark.parametrize("title", [MARKUP, "{{openapi_url}}", "{{title}} {{script}}", "a & b", "\\1 \\g<0>", ""])
def test_a_title_is_shown_as_the_text_that_it_is(title: str) -> None:
    html = shown(App(title=title)).text
    assert unescape(part(html, "title")) == unescape(part(html, "h1")) == title
    assert "<" not in part(html, "title")
    assert html.count("<script") == 1


def test_an_address_of_the_document_cannot_leave_its_attribute() -> None:
    html = shown(App(openapi_url='/o"><b>.json')).text
    assert 'data-openapi-url="/o&quot;&gt;&lt;b&gt;.json"' in html
    assert "<b>" not in html


def test_the_page_finds_the_document_below_the_path_that_a_proxy_or_a_mount_adds() -> None:
    assert 'data-openapi-url="/api/openapi.json"' in shown(App(), root_path="/api").text
    inner = App(title="Inner")
    outer = Application(routes=[Mount("/v1", inner)])
    assert 'data-openapi-url="/v1/openapi.json"' in shown(outer, "/v1/docs").text
    assert shown(outer, "/v1/openapi.json").json()["servers"] == [{"url": "/v1"}]


@pytest.mark.parametrize(
    ("start", "root"),
    [
        ("//evil.example", "/%2Fevil.example"),
        ("/%2Fevil.example", "/%2Fevil.example"),
        ("/%5Cevil.example", "/%5Cevil.example"),
        ("/a%2Fb", "/a%2Fb"),
        ("/a%20b", "/a%20b"),
        ("/%7Bx%7D", "/%7Bx%7D"),  # braces would be a variable of the server
    ],
)
def test_the_path_of_a_mount_becomes_no_other_host_and_is_written_as_a_client_has_to(start: str, root: str) -> None:
    outer = Application(routes=[Mount("/{tenant:path}/api", App())])
    for path, wanted in (("openapi.json", f'"{root}/api"'), ("docs", f'"{root}/api/openapi.json"')):
        scope = {"path": unquote(f"{start}/api/{path}"), "raw_path": f"{start}/api/{path}".encode()}
        assert wanted in anyio.run(partial(call, outer, **scope)).text


def test_a_document_that_names_its_servers_keeps_them_below_a_mount() -> None:
    servers = [{"url": "https://api.example.com"}]
    outer = Application(routes=[Mount("/v1", App(servers=servers))])
    assert shown(outer, "/v1/openapi.json").json()["servers"] == servers


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/v1", []),
        ("https://api.example.com/v1?x#y", ["https://api.example.com"]),
        ("HTTP://[::1]:8000", ["HTTP:"]),
        ("http://127.0.0.1:8000/a", ["http://127.0.0.1:8000"]),
        ("https://{region}.example.com", ["https:"]),
        ("https://a.example.com; script-src *", ["https:"]),
        ("https://a.example.com\r\nX: 1", ["https:"]),
        ("https://user@a.example.com", ["https:"]),
        ("//a.example.com", []),
        ("javascript:alert(1)", []),
    ],
)
def test_the_page_may_fetch_from_its_own_server_and_those_that_the_document_names(url: str, allowed: list[str]) -> None:
    policy = policy_of(shown(App(servers=[{"url": url}, {"url": url}])))
    assert policy["connect-src"] == ["'self'", *allowed]
    assert policy["script-src"][0].startswith("'sha256-")
    assert len(policy["script-src"]) == 1


def test_the_page_may_fetch_from_token_urls() -> None:
    app = App(servers=[{"url": "https://api.example.com"}])

    @app.get("/", dependencies=[Depends(OAuth2PasswordBearer("https://login.example.com/token?x")),
                                Depends(OpenIdConnect(openIdConnectUrl="https://id.example.com/.well-known/x")),
                                Depends(OAuth2PasswordBearer("token", scheme_name="Own"))])  # fmt: skip
    async def read() -> None: ...

    policy = policy_of(shown(app))
    origins = ["https://api.example.com", "https://login.example.com", "https://id.example.com"]
    assert policy["connect-src"] == ["'self'", *origins]


def test_the_page_and_the_document_can_be_left_out_or_moved() -> None:
    client = TestClient(App(docs_url=None))
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [404, 200]
    client = TestClient(App(openapi_url=None))
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [404, 404]
    client = TestClient(App(openapi_url="/contract", docs_url="/read"))
    assert [client.get(path).status_code for path in ("/read", "/contract")] == [200, 200]


def test_the_page_and_the_document_are_no_part_of_the_document() -> None:
    assert App().openapi()["paths"] == {}


# -- what is packaged -------------------------------------------------------------------------------------------------


def assets() -> Mapping[str, str]:
    scripts = {f"scripts/{each.name}": each for each in (ASSETS / "scripts").iterdir()}
    found = {**{name: ASSETS / name for name in ("docs.html", "docs.css", "redirect.html", "redirect.css")}, **scripts}
    return {name: file.read_text("utf-8") for name, file in found.items()}


def test_every_script_is_part_of_the_page() -> None:
    own = {f"scripts/{name}.js" for name in SCRIPTS} | {"docs.html", "docs.css"}
    assert own | {"redirect.html", "redirect.css", "scripts/redirect.js"} == set(assets())
    script = part(page_template().html, "script")
    assert all(text in script for name, text in assets().items() if name.endswith(".js") and name in own)
    assert assets()["scripts/redirect.js"] in HTML["redirect"]


def test_the_page_has_placeholders_for_what_its_application_says_and_no_others() -> None:
    names = {"title", "openapi_url", "plans_url", "asyncapi_url", "redirect_url", "client_id", "scopes"}
    assert set(re.findall(r"{{(\w+)}}", HTML["docs"])) == names
    assert set(re.findall(r"{{(\w+)}}", HTML["redirect"])) == set()


@pytest.mark.parametrize(
    "pattern",
    [
        r"<(?:script|img|iframe|link|object|embed)\b[^>]*(?:src|href)=[\"'](?!data:)",
        r"@import",
        r"\burl\(",
        r"\bimport\b\s*[({\"']",
        r"https?://(?!example\.com)[\w-]+\.",  # an address, also in a text
    ],
)
@pytest.mark.parametrize("page", ["docs", "redirect"])
def test_nothing_is_loaded_from_elsewhere(page: str, pattern: str) -> None:
    assert not re.search(pattern, HTML[page])


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function", "srcdoc",
     "createContextualFragment", "localStorage", "sessionStorage", "indexedDB"],
)  # fmt: skip
def test_no_script_makes_markup_of_text_or_keeps_what_was_typed(sink: str) -> None:
    assert all(sink not in part(html, "script") for html in HTML.values())


def test_style_and_script_end_where_the_parser_of_html_ends_them() -> None:
    for name, text in assets().items():
        if not name.endswith(".html"):
            assert not re.search(r"</(?:script|style)|<!--|<script", text, re.IGNORECASE), name
    assert not any(" style=" in html for html in HTML.values())
    assert not any(re.search(r"\son\w+=", (ASSETS / f"{name}.html").read_text("utf-8")) for name in HTML)


def test_the_page_links_to_the_asyncapi_document_of_websockets() -> None:
    plain, hidden, with_socket = App(), App(asyncapi_url=None), App(asyncapi_url="/messages.json")

    async def talk(socket: WebSocket) -> None: ...

    hidden.websocket("/talk")(talk)
    with_socket.websocket("/talk")(talk)
    for app in (plain, hidden):
        assert 'data-asyncapi-url=""' in shown(app).text
    assert 'data-asyncapi-url="/messages.json"' in shown(with_socket).text
    mounted = App()
    mounted.mount("/shop", with_socket)
    assert 'data-asyncapi-url="/shop/messages.json"' in shown(mounted, "/shop/docs").text
