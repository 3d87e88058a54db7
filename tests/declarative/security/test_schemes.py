"""Every scheme, and what becomes of what was sent: on HTTP and on WebSockets, insisting and not."""

import base64
import pickle
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException
from signette.requests import HTTPConnection, Request
from signette.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBase,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OpenIdConnect,
    SecurityScheme,
)
from signette.websockets import WebSocket
from tests.asgi import fetch
from tests.declarative.test_websocket_endpoints import talk

DENIAL = {"websocket.http.response": {}}

# Name -> scheme, its challenge, and what it makes of each value that is sent for it (None: not authenticated).
SingletonStore = dict[str, Any]
credentials = HTTPAuthorizationCredentials
HEADERS = {
    "", " ", "\t", "\u00a0", "Basic", "Basic  ", "Bearer", "Bearer ", "Bearer \t", "Bearer \u00a0", "Digest",
    "Digest \t", "Other x", "x", ":", "\u00ff", "Bearer\tt",
}  # fmt: skip
BLANKS = {"": None, " ": None, "\t": None, " \t ": None}


def only(accepted: SingletonStore) -> SingletonStore:
    """Every odd value is rejected, these are taken."""
    return dict.fromkeys(HEADERS) | accepted


def any_text() -> SingletonStore:
    return {text: text.strip(" \t") if text.strip() else None for text in HEADERS} | {
        "Bearer t": "Bearer t",
        "other t": "other t",
    }


TOKEN = only({"Bearer t": "t", "bEARER  t ": "t", "Basic t": None, "Bearer a b": "a b"})
CASES: dict[str, tuple[Callable[..., SecurityScheme], str, SingletonStore]] = {
    "key header": (
        lambda **options: APIKeyHeader(name="X-Key", **options),
        "APIKey",
        BLANKS | {"\u00a0": None, "k": "k", "k k": "k k", "\t k": "\t k"},
    ),
    "key query": (
        lambda **options: APIKeyQuery(name="key", **options),
        "APIKey",
        {"": None, "%20": None, "+": None, "%09": None, "%20%09%0A": None, "k": "k", "%20k": " k", "%C3%BF": "ÿ"},
    ),
    "key cookie": (
        lambda **options: APIKeyCookie(name="sid", **options),
        "APIKey",
        BLANKS | {'" "': None, '"\\011"': None, "k": "k"},
    ),
    "bearer": (
        HTTPBearer,
        "Bearer",
        only({"Bearer t": credentials("Bearer", "t"), "bearer  t": credentials("bearer", "t"), "Basic t": None}),
    ),
    "digest": (
        HTTPDigest,
        "Digest",
        only({'Digest username="a"': credentials("Digest", 'username="a"'), "Bearer t": None}),
    ),
    "base": (
        lambda **options: HTTPBase(scheme="Negotiate", **options),
        "Negotiate",
        only({"negotiate t": credentials("negotiate", "t"), "Bearer t": None}),
    ),
    "basic": (
        HTTPBasic,
        "Basic",
        only(
            {
                "Basic YTpi": HTTPBasicCredentials("a", "b"),
                "basic  YTpiOmM=": HTTPBasicCredentials("a", "b:c"),
                "Basic Og==": HTTPBasicCredentials("", ""),
                "Basic YQ==": None,  # no colon
                "Basic YTp": None,
                "Basic /zov": None,  # no UTF-8
                "Basic YTpi YTpi": None,
                "Basic \u00e9": None,
                "Bearer YTpi": None,
            }
        ),
    ),
    "basic with a realm": (
        lambda **options: HTTPBasic(realm='a "b" \\c', **options),
        'Basic realm="a \\"b\\" \\\\c"',
        {},
    ),
    "password": (lambda **options: OAuth2PasswordBearer("token", **options), "Bearer", TOKEN),
    "code": (lambda **options: OAuth2AuthorizationCodeBearer("/authorize", "/token", **options), "Bearer", TOKEN),
    "oauth2": (OAuth2, "Bearer", any_text()),
    "openid": (lambda **options: OpenIdConnect(openIdConnectUrl="/.well-known", **options), "Bearer", any_text()),
}
EACH = pytest.mark.parametrize("name", CASES)


def sending(name: str, sent: str | None) -> tuple[str, dict[str, str]]:
    """The query and the headers that bring a value to the scheme of a name."""
    if sent is None:
        return "", {}
    match name:
        case "key query":
            return f"?key={sent}", {}
        case "key header":
            return "", {"x-key": sent}
        case "key cookie":
            return "", {"cookie": f"sid={sent}"}
    return "", {"authorization": sent.strip(" \t")}  # RFC 9110 §5.5: servers take the blanks around a value away


def guarded(scheme: SecurityScheme) -> tuple[App, list[Any]]:
    """An application that is guarded by a scheme, and what its endpoints were given."""
    app, seen = App(), list[Any]()

    @app.get("/")
    async def read(found: Annotated[Any, Depends(scheme)]) -> None:
        seen.append(found)

    @app.websocket("/socket")
    async def chat(socket: WebSocket, found: Annotated[Any, Depends(scheme)]) -> None:
        seen.append(found)
        await socket.accept()
        await socket.close()

    return app, seen


@EACH
async def test_credentials_are_passed_on_or_rejected_with_a_challenge(name: str) -> None:
    make, challenge, made = CASES[name]
    app, seen = guarded(make())
    for sent, expected in ({None: None} | made).items():
        query, headers = sending(name, sent)
        response = await fetch(app, f"GET /{query}", headers=headers)
        if expected is None:
            assert (sent, response.status, response["www-authenticate"]) == (sent, 401, challenge)
            assert response.json["detail"] == "Not authenticated"
        else:
            assert (sent, response.status, seen.pop()) == (sent, 204, expected)
    assert seen == []


@EACH
async def test_an_optional_scheme_gives_none(name: str) -> None:
    make, _, made = CASES[name]
    app, seen = guarded(make(auto_error=False))
    for sent, expected in ({None: None} | made).items():
        query, headers = sending(name, sent)
        assert (await fetch(app, f"GET /{query}", headers=headers)).status == 204
        assert (sent, seen.pop()) == (sent, expected)
        await talk(app, f"/socket{query}", headers)
        assert (sent, seen.pop()) == (sent, expected)


@EACH
async def test_a_socket_is_rejected_before_it_is_accepted(name: str) -> None:
    make, challenge, made = CASES[name]
    app, seen = guarded(make())
    for sent, expected in ({None: None} | made).items():
        query, headers = sending(name, sent)
        result = await talk(app, f"/socket{query}", headers, DENIAL)
        if expected is None:
            assert (sent, result[0]["type"], result[0]["status"]) == (sent, "websocket.http.response.start", 401)
            assert dict(result[0]["headers"])[b"www-authenticate"] == challenge.encode()
            (closed,) = await talk(app, f"/socket{query}", headers)
            assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
        else:
            assert (sent, [each["type"] for each in result]) == (sent, ["websocket.accept", "websocket.close"])
            assert seen.pop() == expected
    assert seen == []


@EACH
def test_the_document_of_each_scheme_is_valid_and_says_what_it_is(name: str) -> None:
    make, _, _ = CASES[name]
    app, _ = guarded(make(scheme_name="Mine", description="How to get in."))
    document = app.openapi()
    OpenAPIV31SpecValidator(document).validate()
    (described,) = document["components"]["securitySchemes"].items()
    assert described[0] == "Mine"
    assert described[1]["description"] == "How to get in."
    operation = document["paths"]["/"]["get"]
    assert operation["security"] == [{"Mine": []}]
    assert "401" in operation["responses"]
    assert "parameters" not in operation


@pytest.mark.parametrize(
    ("scheme", "about"),
    [
        (HTTPBearer(bearerFormat="JWT"), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (HTTPDigest(), {"type": "http", "scheme": "digest"}),
        (HTTPBase(scheme="Negotiate"), {"type": "http", "scheme": "Negotiate"}),
        (OAuth2(), {"type": "oauth2", "flows": {}}),
        (OpenIdConnect(openIdConnectUrl="/o"), {"type": "openIdConnect", "openIdConnectUrl": "/o"}),
        (
            OAuth2PasswordBearer("token", scopes={"me": "Read me"}, refreshUrl="again"),
            {
                "type": "oauth2",
                "flows": {"password": {"tokenUrl": "token", "scopes": {"me": "Read me"}, "refreshUrl": "again"}},
            },
        ),
        (
            OAuth2AuthorizationCodeBearer("/a", tokenUrl="/t"),
            {
                "type": "oauth2",
                "flows": {"authorizationCode": {"authorizationUrl": "/a", "tokenUrl": "/t", "scopes": {}}},
            },
        ),
        (
            OAuth2(flows={"clientCredentials": {"tokenUrl": "/t"}, "implicit": {"authorizationUrl": "/a"}}),
            {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {"tokenUrl": "/t", "scopes": {}},
                    "implicit": {"authorizationUrl": "/a", "scopes": {}},
                },
            },
        ),
    ],
)
def test_what_a_scheme_says_of_itself(scheme: SecurityScheme, about: dict[str, Any]) -> None:
    assert scheme.security_scheme == about


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OAuth2(flows={"pasword": {"tokenUrl": "/t"}}), "did you mean 'password'?"),
        (lambda: OAuth2(flows={"password": {"tokenURL": "/t"}}), "no field 'tokenURL'; did you mean 'tokenUrl'?"),
        (lambda: OAuth2(flows={"password": {}}), "the OAuth 2 flow 'password' requires 'tokenUrl'"),
        (lambda: OAuth2PasswordBearer(""), "flow 'password' requires 'tokenUrl'"),
        (lambda: OAuth2(flows={"x": {}}), "unknown OAuth 2 flow 'x'; use one of implicit, password,"),
        (lambda: OAuth2PasswordBearer("t", scopes={"a b": ""}), "'a b' is not a valid scope (RFC 6749 §3.3)"),
        (lambda: OAuth2PasswordBearer("t", scopes=["a"]), "scopes must be a mapping from names to descriptions"),
        (lambda: HTTPBase(scheme="two words"), "'two words' is not a valid authentication scheme"),
        (lambda: HTTPBasic(realm="a\r\nb"), "cannot be sent in a header; use printable ASCII"),
        (lambda: APIKeyHeader(name="X Key"), "'X Key' is not a valid name of a header"),
        (lambda: APIKeyCookie(name=""), "'' is not a valid name of a cookie"),
        (lambda: APIKeyQuery(name=""), "'' is not a valid name of a query parameter"),
    ],
)  # fmt: skip
def test_an_invalid_scheme_is_rejected_where_it_is_created(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make()
    assert message in str(raised.value)


@given(sent=st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
async def test_no_header_makes_a_scheme_fail(sent: str) -> None:
    for word in ("", "Basic ", "Bearer ", "Digest "):
        for make in (HTTPBasic, HTTPBearer, HTTPDigest, OAuth2):
            assert await make(auto_error=False)(word + sent) is not False


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(username=TEXT.filter(lambda name: ":" not in name), password=TEXT)
async def test_basic_gives_what_a_client_encoded(username: str, password: str) -> None:
    sent = base64.b64encode(f"{username}:{password}".encode()).decode()
    assert await HTTPBasic()(f"Basic {sent}") == HTTPBasicCredentials(username, password)


@given(raw=st.binary(max_size=30))
async def test_basic_credentials_of_any_bytes_are_rejected_or_read(raw: bytes) -> None:
    found = await HTTPBasic(auto_error=False)("Basic " + base64.b64encode(raw).decode())
    assert (f"{found.username}:{found.password}".encode() if found else None) == (raw if _is_pair(raw) else None)


def _is_pair(raw: bytes) -> bool:
    return b":" in raw and raw.decode("utf-8", "replace").encode() == raw


@EACH
async def test_a_request_by_hand_gives_the_same(name: str) -> None:
    make, _, made = CASES[name]
    scheme = make(auto_error=False)
    for sent, expected in made.items():
        query, headers = sending(name, sent)
        scope = {
            "type": "http",
            "method": "GET",
            "query_string": query.removeprefix("?").encode(),
            "headers": [(key.encode(), value.encode("latin-1")) for key, value in headers.items()],
        }
        socket = WebSocket(scope | {"type": "websocket"}, never, never)
        for connection in (HTTPConnection(scope), Request(scope), socket):
            assert (sent, await scheme(connection)) == (sent, expected)
            assert (sent, await scheme(request=connection)) == (sent, expected)


async def never(*_: Any) -> Any:
    raise AssertionError("a scheme reads the head alone")


async def test_a_subclass_may_serve_requests_and_sockets() -> None:
    class Members(APIKeyQuery):
        async def __call__(self, request: HTTPConnection) -> Any:
            return f"{await super().__call__(request=request)} at {request.url.path}"

    app, seen = guarded(Members(name="key"))
    assert (await fetch(app, "GET /?key=k")).status == 204
    await talk(app, "/socket?key=k")
    assert seen == ["k at /", "k at /socket"]
    assert (await talk(app, "/socket", extensions=DENIAL))[0]["status"] == 401


@pytest.mark.parametrize("by_name", [True, False])
async def test_a_subclass_that_takes_the_request_is_given_it(by_name: bool) -> None:
    class Members(HTTPBearer):
        async def __call__(self, request: Request) -> Any:
            found = await (super().__call__(request=request) if by_name else super().__call__(request))
            return f"{found.credentials} at {request.url.path}"

    app = App()

    @app.get("/here")
    async def read(member: Annotated[str, Depends(Members())]) -> str:
        return member

    assert (await fetch(app, "GET /here", headers={"authorization": "Bearer t"})).body == b"t at /here"
    assert (await fetch(app, "GET /here")).status == 401
    assert app.openapi()["paths"]["/here"]["get"]["security"] == [{"Members": []}]


def test_no_repr_shows_a_secret() -> None:
    assert "secret" not in repr(HTTPBasicCredentials("ann", "secret"))
    assert "secret" not in repr(HTTPAuthorizationCredentials("Bearer", "secret"))


@EACH
async def test_a_scheme_survives_pickling(name: str) -> None:
    make, challenge, _ = CASES[name]
    scheme = make(description="Kept.")
    again = pickle.loads(pickle.dumps(scheme))
    assert (again.security_scheme, again.challenge) == (scheme.security_scheme, challenge)
    app, _ = guarded(again)
    assert (await fetch(app, "GET /")).status == 401


async def test_the_rejection_of_a_scheme_may_be_customized_and_is_documented() -> None:
    class Forbidding(HTTPBearer):
        def make_not_authenticated_error(self) -> HTTPException:
            return HTTPException(403, "No entry")

    app, _ = guarded(Forbidding())
    assert (await fetch(app, "GET /")).json["detail"] == "No entry"
    assert (await talk(app, "/socket", extensions=DENIAL))[0]["status"] == 403
    assert set(app.openapi()["paths"]["/"]["get"]["responses"]) == {"204", "403"}
