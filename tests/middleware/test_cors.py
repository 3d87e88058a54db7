"""Which other origins may read the responses, and the responses to preflight requests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.app import App
from signette.applications import Application
from signette.exceptions import HTTPException
from signette.middleware.cors import ALL_METHODS, CORSMiddleware
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from tests.asgi import Exchange, call

A, B = "https://a.org", "https://b.org"
VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
SAFE = "Accept, Accept-Language, Content-Language, Content-Type"

inner = PlainTextResponse("in")


def fields(**headers: str | None) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items() if value is not None]


async def ask(app: Any, origin: str | None = A, method: str = "GET") -> Exchange:
    return await call(app, method=method, headers=fields(origin=origin))


async def preflight(
    app: Any, origin: str = A, method: str = "GET", headers: str | None = None, network: str | None = None
) -> Exchange:
    requested = fields(
        origin=origin,
        access_control_request_method=method,
        access_control_request_headers=headers,
        access_control_request_private_network=network,
    )
    return await call(app, method="OPTIONS", headers=requested)


def shared(response: Exchange) -> dict[str, str]:
    """The fields of CORS, by what follows their common beginning."""
    begin = "access-control-"
    return {name.removeprefix(begin): value for name, value in response.headers.items() if name.startswith(begin)}


async def test_an_allowed_origin_is_named() -> None:
    response = await ask(CORSMiddleware(inner, allow_origins=[A]))
    assert (response.text, shared(response)) == ("in", {"allow-origin": A})


@pytest.mark.parametrize("origin", [B, "null", "https://a.org:8443", "http://a.org", "https://a.org.evil.org", None])
async def test_another_origin_gets_the_response_without_cors_headers(origin: str | None) -> None:
    app = CORSMiddleware(inner, allow_origins=[A], allow_credentials=True, expose_headers=["X-A"])
    response = await ask(app, origin)
    assert (response.text, shared(response)) == ("in", {})


@pytest.mark.parametrize("origin", [A, B, None])
async def test_each_response_varies_by_origin(origin: str | None) -> None:
    assert (await ask(CORSMiddleware(inner, allow_origins=[A]), origin)).headers["vary"] == "Origin"
    kept = PlainTextResponse("in", headers={"vary": "Accept"})
    assert (await ask(CORSMiddleware(kept, allow_origins=[A]), origin)).headers["vary"] == "Accept, Origin"


async def test_any_origin_is_a_star() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"], expose_headers=["X-A", "X-B"])
    assert shared(await ask(app)) == {"allow-origin": "*", "expose-headers": "X-A, X-B"}
    assert shared(await ask(app, None)) == {}


async def test_a_configured_origin_may_have_capitals_and_a_slash_at_its_end() -> None:
    assert shared(await ask(CORSMiddleware(inner, allow_origins=["HTTPS://A.org/"]))) == {"allow-origin": A}


@pytest.mark.parametrize(
    ("origin", "fits"),
    [("https://x.a.org", True), ("https://x.a.org.evil.org", False), ("http://x.a.org", False), (A, False)],
)
async def test_the_expression_has_to_fit_the_whole_origin(origin: str, fits: bool) -> None:
    app = CORSMiddleware(inner, allow_origin_regex=r"https://\w+\.a\.org")
    assert shared(await ask(app, origin)) == ({"allow-origin": origin} if fits else {})


async def test_an_origin_or_the_expression_is_enough() -> None:
    app = CORSMiddleware(inner, allow_origins=[A], allow_origin_regex=r"https://b\..*")
    assert [shared(await ask(app, origin)) for origin in (A, B)] == [{"allow-origin": A}, {"allow-origin": B}]


async def test_headers_that_the_application_sets_are_not_added_twice() -> None:
    own = PlainTextResponse("in", headers={"access-control-allow-origin": B, "Access-Control-Expose-Headers": "X-Own"})
    response = await ask(CORSMiddleware(own, allow_origins=["*"], expose_headers=["X-A"]))
    [start, _] = response.messages
    names = [name for name, _ in start["headers"]]
    assert len(names) == len(set(names))
    assert shared(response) == {"allow-origin": "*", "expose-headers": "X-A"}


async def test_a_response_that_is_sent_again_is_not_changed() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"])
    first, second = await ask(app), await ask(app)
    assert first.headers == second.headers
    assert inner.raw_headers == PlainTextResponse("in").raw_headers


# Credentials.


async def test_with_credentials_the_origin_takes_the_place_of_the_star() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"], allow_credentials=True)
    assert shared(await ask(app)) == {"allow-origin": A, "allow-credentials": "true"}


async def test_with_credentials_the_fields_that_are_there_take_the_place_of_the_star() -> None:
    response = PlainTextResponse("in", headers={"x-a": "1"})
    response.set_cookie("a", "b")
    app = CORSMiddleware(response, allow_origins=[A], allow_credentials=True, expose_headers=["*"])
    assert shared(await ask(app))["expose-headers"] == "x-a, content-length, content-type"


star = st.sampled_from([(), ("*",), (A,), ("*", A)])


@given(star, star, star, star, st.sampled_from([None, ".*"]), st.sampled_from([A, B, "null", "*"]), st.booleans())
async def test_no_response_with_credentials_has_a_star(
    origins: Any, methods: Any, headers: Any, exposed: Any, regex: Any, origin: str, asks: bool
) -> None:
    app = CORSMiddleware(inner, origins, methods, headers, True, regex, False, exposed)
    response = await (preflight(app, origin, "PUT", "X-A") if asks else ask(app, origin))
    sent = shared(response)
    assert sent.pop("allow-origin", origin) == origin
    assert "*" not in sent.values()


@pytest.mark.parametrize("origin", ["https://a.org, https://b.org", "a b", "x\r\ny: z", "\x00", "\xe9"])
@pytest.mark.parametrize("options", [{"allow_origins": ["*"]}, {"allow_origin_regex": "(?s).*"}])
async def test_what_is_no_origin_is_not_sent_back(origin: str, options: Any) -> None:
    app = CORSMiddleware(inner, allow_credentials=True, **options)
    assert shared(await ask(app, origin)) == {}
    assert (await preflight(app, origin)).text == "Disallowed CORS origin"


# Preflights.


async def test_a_preflight_is_handled_without_the_application() -> None:
    app = CORSMiddleware(inner, allow_origins=[A], allow_methods=["GET", "PUT"], allow_headers=["X-One"], max_age=5)
    response = await preflight(app, method="PUT", headers="x-one, Content-Type")
    assert (response.status, response.text, response.headers["vary"]) == (200, "OK", VARY)
    assert shared(response) == {
        "allow-origin": A,
        "allow-methods": "GET, PUT",
        "allow-headers": f"{SAFE}, X-One",
        "max-age": "5",
    }


async def test_options_without_a_method_asked_for_is_no_preflight() -> None:
    assert (await ask(CORSMiddleware(inner, allow_origins=[A]), method="OPTIONS")).text == "in"
    requested = fields(access_control_request_method="GET")
    assert (await call(CORSMiddleware(inner), method="OPTIONS", headers=requested)).text == "in"


@pytest.mark.parametrize(
    ("requested", "text"),
    [
        ({}, "OK"),
        ({"origin": B}, "Disallowed CORS origin"),
        ({"method": "PUT"}, "Disallowed CORS method"),
        ({"method": "get"}, "Disallowed CORS method"),
        ({"headers": "X-Two"}, "Disallowed CORS headers"),
        ({"headers": "X-One X-Two"}, "Disallowed CORS headers"),
        ({"headers": " x-ONE,, accept ,"}, "OK"),
        ({"headers": ""}, "OK"),
        ({"network": "true"}, "Disallowed CORS private-network"),
        (
            {"origin": B, "method": "PUT", "headers": "a", "network": "true"},
            "Disallowed CORS origin, method, headers, private-network",
        ),
    ],
)
async def test_a_rejection_names_everything_that_is_invalid(requested: dict[str, str], text: str) -> None:
    response = await preflight(CORSMiddleware(inner, allow_origins=[A], allow_headers=["X-One"]), **requested)
    assert (response.text, response.status) == (text, 200 if text == "OK" else 400)
    assert response.headers["vary"] == VARY
    assert ("allow-origin" in shared(response)) is ("origin" not in requested)


async def test_a_star_allows_each_standard_method() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"], allow_methods=["*"])
    for method in ALL_METHODS:
        response = await preflight(app, method=method)
        assert (response.status, shared(response)["allow-methods"]) == (200, ", ".join(ALL_METHODS))
    assert (await preflight(app, method="BREW")).status == 400


async def test_a_star_allows_the_headers_that_are_asked_for() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"], allow_headers=["*"])
    assert shared(await preflight(app, headers="X-One, x-two"))["allow-headers"] == "X-One, x-two"
    assert "allow-headers" not in shared(await preflight(app))


async def test_what_is_no_list_of_names_is_not_sent_back() -> None:
    app = CORSMiddleware(inner, allow_origins=["*"], allow_headers=["*"])
    response = await preflight(app, headers="a\r\nset-cookie: b")
    assert (response.text, "allow-headers" in shared(response)) == ("Disallowed CORS headers", False)


@pytest.mark.parametrize("lists", [["X-One", "X-Two"], ["X-Two", "X-One"]])
async def test_headers_may_be_asked_for_in_several_fields(lists: list[str]) -> None:
    requested = fields(origin=A, access_control_request_method="GET")
    for names in lists:
        requested += fields(access_control_request_headers=names)
    app = CORSMiddleware(inner, allow_origins=[A], allow_headers=["X-One"])
    assert (await call(app, method="OPTIONS", headers=requested)).text == "Disallowed CORS headers"


async def test_a_private_network_is_open_where_that_is_allowed() -> None:
    app = CORSMiddleware(inner, allow_origins=[A], allow_private_network=True)
    assert shared(await preflight(app, network="true"))["allow-private-network"] == "true"
    assert "allow-private-network" not in shared(await preflight(app))


@pytest.mark.parametrize("option", ["allow_methods", "allow_headers", "expose_headers"])
def test_header_injection_is_rejected_where_it_is_written(option: str) -> None:
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        CORSMiddleware(inner, **{option: ["X-A\r\nset-cookie: b"]})


origins = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https"]),
    st.lists(st.text("abc1-", min_size=1, max_size=4), min_size=1, max_size=3).map(".".join),
    st.just("") | st.integers(1, 65535).map(":{}".format),
)


@given(st.lists(origins, max_size=4), origins)
def test_the_listed_origins_are_allowed_and_no_other(listed: list[str], origin: str) -> None:
    middleware = CORSMiddleware(inner, allow_origins=listed)
    assert all(middleware.is_allowed_origin(one) for one in listed)
    assert middleware.is_allowed_origin(origin) == (origin in listed)


# Around an application.


async def fails(request: Any) -> Any:
    raise ValueError("boom")


async def forbids(request: Any) -> Any:
    raise HTTPException(403)


@pytest.mark.parametrize("make", [Application, App])
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/fails", "GET", 500), ("/forbids", "GET", 403), ("/no", "GET", 404), ("/fails", "PUT", 405)],
)
async def test_errors_may_be_read_too(make: Any, path: str, method: str, status: int) -> None:
    app = make(
        routes=[Route("/fails", fails), Route("/forbids", forbids)],
        middleware=[Middleware(CORSMiddleware, allow_origins=[A])],
    )
    response = await call(app, path, method, headers=fields(origin=A))
    assert (response.status, response.headers["access-control-allow-origin"]) == (status, A)
    assert response.headers["vary"] == "Origin"


async def test_websockets_and_lifespans_pass() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], send))

    for kind in ("websocket", "lifespan"):
        await call(CORSMiddleware(app), kind=kind, headers=fields(origin=B))
    assert [kind for kind, _ in seen] == ["websocket", "lifespan"]
