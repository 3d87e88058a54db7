"""Pages of API docs that the user chooses: Swagger UI, ReDoc, Scalar and pages of one's own."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import signette.openapi.docs
from signette import App, Mount
from signette.applications import Application
from signette.declarative.openapi.asset_packages import REDOC, SCALAR, SWAGGER_UI, Bundle
from signette.exceptions import ShadowedRouteWarning, UnusedOptionWarning
from signette.openapi.docs import (
    BuiltInDocs,
    DocsAssetsNotFound,
    DocsContext,
    DocsPage,
    ReDoc,
    Scalar,
    SwaggerUI,
    get_swagger_ui_oauth2_redirect_html,
)
from signette.responses import HTMLResponse, PlainTextResponse
from signette.testclient import TestClient
from tests.declarative.openapi.test_pages import hashed, policy_of, shown

BUNDLES = {"SwaggerUI": SWAGGER_UI, "ReDoc": REDOC, "Scalar": SCALAR}
KINDS: dict[str, Any] = {"SwaggerUI": SwaggerUI, "ReDoc": ReDoc, "Scalar": Scalar}
URLS: dict[str, dict[str, str]] = {
    "SwaggerUI": {"script_url": "https://cdn.example.com/ui.js?v=1", "style_url": "https://cdn.example.com/a;b,c.css"},
    "ReDoc": {"script_url": "https://cdn.example.com/redoc.js"},
    "Scalar": {"script_url": "//cdn.example.com/scalar.js"},
}


def packages_of(bundle: Bundle) -> list[list[str]]:
    """The files of each package that carries the bundle."""
    return [list(places) for places in zip(*bundle.files.values(), strict=True)]


def install(folder: Path, places: list[str]) -> None:
    for place in places:
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"/* {place} */")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one package for each page."""
    for bundle in BUNDLES.values():
        install(tmp_path, packages_of(bundle)[0])
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of imports with none of the packages."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])


@pytest.mark.parametrize(
    ("kind", "places"),
    [(kind, places) for kind, bundle in BUNDLES.items() for places in packages_of(bundle)],
    ids=lambda value: value[0].partition("/")[0] if isinstance(value, list) else value,
)
def test_the_files_of_an_installed_package_are_served_and_the_package_is_not_imported(
    kind: str, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, places)
    package = places[0].partition("/")[0]
    (tmp_path / package / "__init__.py").write_text("raise RuntimeError('it was imported')")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    page = KINDS[kind]()
    monkeypatch.undo()
    client = TestClient(App(docs=page))
    html = client.get("/docs").text
    for name, place in zip(BUNDLES[kind].files, places, strict=True):
        assert f'"/docs/{name}"' in html
        response = client.get(f"/docs/{name}")
        assert response.text == f"/* {place} */"
        assert response.headers["content-type"].split(";")[0] in {"text/javascript", "text/css"}
        assert client.get(f"/docs/{name}", headers={"If-None-Match": response.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("nothing_installed")
def test_without_a_package_an_error_says_what_to_install_or_to_pass(kind: str) -> None:
    with pytest.raises(DocsAssetsNotFound) as caught:
        KINDS[kind]()
    message = str(caught.value)
    assert f"`pip install --no-deps {BUNDLES[kind].install}`" in message
    assert f"{kind}(script_url=..." in message
    assert f"{kind}(directory=...)" in message
    assert isinstance(caught.value, ImportError)


def test_a_package_without_the_files_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, packages_of(SWAGGER_UI)[0][:1])
    install(tmp_path, packages_of(SWAGGER_UI)[1])
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert {Path(str(file)).relative_to(tmp_path).parts[0] for file in SWAGGER_UI.find().values()} == {"swagger_ui"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("SwaggerUI", ["swagger-ui-bundle.js", "swagger-ui.css"]),
        ("ReDoc", ["redoc.standalone.js"]),
        ("Scalar", ["standalone.js"]),
        ("Scalar", ["scalar.standalone.js"]),
    ],
)
def test_the_files_may_be_in_a_folder(kind: str, names: list[str], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"has no file `{next(iter(BUNDLES[kind].files))}`"):
        KINDS[kind](directory=tmp_path)
    for name in names:
        (tmp_path / name).write_text(name)
    client = TestClient(App(docs=KINDS[kind](directory=tmp_path)))
    assert [client.get(f"/docs/{name}").text for name in BUNDLES[kind].files] == names
    assert client.get("/docs/..%2fsecret").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_may_be_at_urls_which_alone_the_policy_allows(kind: str) -> None:
    response = shown(App(docs=KINDS[kind](**URLS[kind])))
    policy = policy_of(response)
    source = {
        "SwaggerUI": "https://cdn.example.com/ui.js",
        "ReDoc": "https://cdn.example.com/redoc.js",
        "Scalar": "cdn.example.com/scalar.js",
    }[kind]
    assert policy["script-src"][0] == source
    assert all(url.replace("&", "&amp;") in response.text for url in URLS[kind].values())
    if kind == "SwaggerUI":
        assert policy["style-src"] == ["https://cdn.example.com/a%3Bb%2Cc.css"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_allows_no_other_script_and_no_other_host(kind: str) -> None:
    response = shown(App(docs=KINDS[kind](), servers=[{"url": "https://api.example.com/v1"}]))
    policy = policy_of(response)
    inline = response.text.rpartition("<script>")[2].partition("</script>")[0]
    assert policy["script-src"] == ["'self'", hashed(inline)]
    assert policy["connect-src"] == ["'self'", "https://api.example.com"]
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'self'"]
    assert not [
        source for sources in policy.values() for source in sources if source in {"*", "https:", "'unsafe-eval'"}
    ]
    assert "http" not in response.text.replace("https://api.example.com", "")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_below_a_mount_finds_its_files_and_the_document(kind: str) -> None:
    app = App(docs=KINDS[kind](), docs_url="/read/me/", title="</script><b>")
    client = TestClient(Application(routes=[Mount("/v1", app)]))
    html = client.get("/v1/read/me/").text
    for name in BUNDLES[kind].files:
        assert f'"/v1/read/me/{name}"' in html
        assert client.get(f"/v1/read/me/{name}").status_code == 200
    assert '"/v1/openapi.json"' in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"script_url": "/a"}, "both"),
        ({"style_url": "/a"}, "both"),
        ({"script_url": "/a", "style_url": "/b", "directory": "."}, "remove"),
    ],
)
def test_arguments_that_do_not_fit_are_rejected(arguments: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        SwaggerUI(**arguments)


# -- options of FastAPI -----------------------------------------------------------------------------------------------


def swagger_ui(**arguments: Any) -> SwaggerUI:
    return SwaggerUI(script_url="/ui.js", style_url="/ui.css", **arguments)


def test_options_of_swagger_ui_take_effect() -> None:
    app = App(
        docs=swagger_ui(),
        swagger_ui_parameters={"deepLinking": False, "filter": "</script>"},
        swagger_ui_init_oauth={"clientId": "me"},
        swagger_ui_oauth2_redirect_url="/back",
    )
    client = TestClient(app)
    html = client.get("/docs").text
    assert '"deepLinking":false' in html
    assert 'ui.initOAuth({"clientId":"me"});' in html
    assert 'window.location.origin + "/back";' in html
    response = client.get("/back")
    assert response.text == bytes(get_swagger_ui_oauth2_redirect_html().body).decode()
    assert policy_of(response)["script-src"][0].startswith("'sha256-")
    assert client.get("/docs/oauth2-redirect").status_code == 404


@pytest.mark.parametrize(
    ("docs_url", "arguments", "options", "path"),
    [
        ("/docs", {}, {}, "/docs/oauth2-redirect"),
        ("/read", {}, {}, "/read/oauth2-redirect"),
        ("/docs", {"oauth2_redirect_url": "/own"}, {}, "/own"),
        ("/docs", {"oauth2_redirect_url": None}, {}, None),
        ("/docs", {}, {"swagger_ui_oauth2_redirect_url": None}, None),
    ],
)
def test_the_page_that_authorization_servers_return_to(
    docs_url: str, arguments: Any, options: Any, path: str | None
) -> None:
    app = App(docs=swagger_ui(**arguments), docs_url=docs_url, **options)
    assert app.swagger_ui_oauth2_redirect_url == path
    html = shown(app, docs_url).text
    assert ("oauth2RedirectUrl" in html) == (path is not None)
    if path is not None:
        assert f'window.location.origin + "{path}";' in html
        assert "swaggerUIRedirectOauth2" in shown(app, path).text


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({"parameters": {"a": 1}}, {"swagger_ui_parameters": {"b": 1}}),
        ({"init_oauth": {"a": 1}}, {"swagger_ui_init_oauth": {"b": 1}}),
        ({"oauth2_redirect_url": "/a"}, {"swagger_ui_oauth2_redirect_url": "/b"}),
    ],
)
def test_an_option_that_is_given_twice_is_rejected(arguments: Any, options: Any) -> None:
    page = swagger_ui(**arguments)
    with pytest.raises(ValueError, match="are the same option; remove one of them"):
        App(docs=page, **options)
    App(docs=page, **dict.fromkeys(options) if "oauth2_redirect_url" not in arguments else {})


def test_an_application_changes_no_page_of_another() -> None:
    page = swagger_ui()
    App(docs=page, swagger_ui_parameters={"deepLinking": False})
    assert '"deepLinking":true' in shown(App(docs=page)).text


@pytest.mark.parametrize("docs", [True, ReDoc(script_url="/r.js")], ids=["own", "redoc"])
def test_options_of_swagger_ui_are_warned_of_where_another_page_is_served(docs: Any) -> None:
    with pytest.warns(UnusedOptionWarning, match=r"pass `docs=SwaggerUI\(\)`"):
        App(docs=docs, swagger_ui_parameters={"deepLinking": False})


@pytest.mark.usefixtures("installed")
def test_redoc_url_serves_redoc() -> None:
    client = TestClient(App(redoc_url="/redoc"))
    assert [("Redoc.init(" in client.get(path).text) for path in ("/docs", "/redoc")] == [False, True]
    assert client.get("/redoc/redoc.standalone.js").status_code == 200
    alone = TestClient(App(docs_url=None, redoc_url="/redoc"))
    assert [alone.get(path).status_code for path in ("/docs", "/redoc")] == [404, 200]


def test_redoc_url_serves_the_page_of_redoc_that_was_passed() -> None:
    page = ReDoc(script_url="/own.js", options={"hideDownloadButton": True})
    for url in ("/docs", None):
        html = shown(App(docs=page, docs_url=url, redoc_url="/redoc"), "/redoc").text
        assert '"hideDownloadButton":true' in html
        assert '"sanitize":true' in html


@pytest.mark.usefixtures("nothing_installed")
def test_redoc_url_without_its_files_is_an_error() -> None:
    with pytest.raises(DocsAssetsNotFound, match="drf-spectacular-sidecar"):
        App(redoc_url="/redoc")
    assert TestClient(App(openapi_url=None, redoc_url="/redoc")).get("/redoc").status_code == 404


def test_scalar_requests_nothing_of_its_makers_unless_it_is_configured_to() -> None:
    page = Scalar(script_url="/s.js", configuration={"theme": "moon", "telemetry": True})
    html = shown(App(docs=page)).text
    assert '"withDefaultFonts":false' in html
    assert '"proxyUrl":""' in html
    assert '"theme":"moon"' in html
    assert '"telemetry":true' in html


# -- arguments of an application --------------------------------------------------------------------------------------


@pytest.mark.parametrize("docs", [None, False])
def test_no_page_is_served_without_docs(docs: bool | None) -> None:
    app = App(docs=docs)
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [404, 200]
    assert (app.docs, app.docs_url) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"docs": None, "docs_url": "/read"}, "`docs_url='/read'` has no effect with `docs=None`"),
        ({"docs": swagger_ui(), "docs_url": None}, "`docs=` has no effect with `docs_url=None`"),
        ({"docs": swagger_ui(), "openapi_url": None}, "`docs=` has no effect with `openapi_url=None`"),
    ],
)
def test_arguments_without_an_effect_are_rejected(arguments: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        App(**arguments)


@pytest.mark.parametrize(
    ("docs", "hint"), [(SwaggerUI, r"create it: `SwaggerUI\(\)`"), ("/docs", "DocsPage"), (object(), "DocsPage")]
)
def test_what_is_not_a_page_is_rejected(docs: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        App(docs=docs)


# -- pages of one's own -----------------------------------------------------------------------------------------------


class Page:
    """A page as users write it."""

    def __init__(self, assets: Mapping[str, Any], respond: bool = False) -> None:
        self.assets = assets
        self.respond = respond
        self.seen: list[DocsContext] = []

    def html(self, context: DocsContext) -> str | HTMLResponse:
        self.seen.append(context)
        text = f"<title>{context.title}</title><script src={context.asset_url('ui/a.js')}></script>"
        return HTMLResponse(text, headers={"X-Own": "1"}) if self.respond else text


def test_a_page_of_ones_own_is_served_with_its_assets(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    page: DocsPage = Page({"ui/a.js": tmp_path / "a.js", "/pong": lambda: PlainTextResponse("pong")})
    app = App(title="Shop", docs=page, servers=[{"url": "https://a.example"}])
    client = TestClient(app)
    response = client.get("/docs")
    assert response.text == "<title>Shop</title><script src=/docs/ui/a.js></script>"
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert (client.get("/docs/ui/a.js").text, client.get("/pong").text) == ("1", "pong")
    assert page.seen == [  # type: ignore[attr-defined]
        DocsContext("Shop", "/openapi.json", "/docs", "", ("https://a.example",), None)
    ]
    assert app.openapi()["paths"] == {}


def test_a_page_of_ones_own_may_respond_with_headers() -> None:
    assert shown(App(docs=Page({}, respond=True))).headers["x-own"] == "1"


@pytest.mark.parametrize("name", ["", "../a.js", "a/../b", "a b", "a//b", "{x}", "a/", "?a", "a\nb"])
def test_an_asset_has_a_name_that_can_be_part_of_a_url(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a URL"):
        App(docs=Page({name: __file__}))


def test_an_asset_that_is_not_there_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"asset `a\.js` of the API docs is not a file"):
        App(docs=Page({"a.js": tmp_path / "a.js"}))


def test_every_page_fits_the_protocol() -> None:
    for name in ("BuiltInDocs", "SwaggerUI", "ReDoc", "Scalar"):
        kind = getattr(signette.openapi.docs, name)
        assert isinstance(kind(**URLS.get(name, {})), DocsPage)


def test_the_login_of_the_own_page_is_configured_by_attributes_of_its_html() -> None:
    html = shown(App(docs=BuiltInDocs(client_id='"><b>', scopes=["a", "b"]))).text
    assert 'data-client-id="&quot;&gt;&lt;b&gt;"' in html
    assert 'data-scopes="a b"' in html
    assert 'data-redirect-url="/docs/oauth2-redirect"' in html
    assert 'data-scopes="*"' in shown(App()).text


def test_a_mount_in_front_of_the_files_is_warned_of_and_one_in_front_of_the_other_pages_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    mount = Mount("/{tenant}", Application())
    TestClient(App(routes=[mount], debug=True)).get("/docs")
    with pytest.warns(ShadowedRouteWarning, match=r"GET /docs/a\.js"):
        TestClient(App(routes=[mount], docs=Page({"a.js": tmp_path / "a.js"}))).get("/docs")
