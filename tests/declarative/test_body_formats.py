"""`Body(media_types=[...])`: one model from JSON, a form or MessagePack, by the Content-Type."""

import gzip
import json
from typing import Annotated, Any
from urllib.parse import urlencode

import anyio
import cloudpickle
import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from signette import App, Body, Form, Limits, Mount, Patch, Request, Router
from signette.declarative.errors.base import SignatureError
from signette.declarative.formats.base import Content, DoesNotFit
from signette.formats import CSV, JSON, Format, FormEncoded, MessagePack
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.problems import Problem
from tests.asgi import MULTIPART, URLENCODED, Exchange, call, fetch, scope_of
from tests.declarative.building import form, part
from tests.declarative.oracle import Rejection, interpret

pytestmark = pytest.mark.either_loop


class Address(BaseModel):
    city: str
    zip: int = 0


class User(BaseModel):
    name: str
    age: int
    tags: list[str] = []
    address: Address | None = None
    others: list[Address] = []


SEEN: list[Any] = []
ALL = [JSON, FormEncoded, MessagePack]
ACCEPTED = (
    "application/json, application/x-www-form-urlencoded, multipart/form-data, application/vnd.msgpack,"
    " application/msgpack, application/x-msgpack"
)


async def create(user: Annotated[User, Body(media_types=ALL)]) -> None:
    SEEN.append(user)


async def with_request(request: Request, user: Annotated[User, Body(media_types=ALL)]) -> None:
    SEEN.append(user)


def in_thread(user: Annotated[User, Body(media_types=ALL)]) -> None:
    SEEN.append(user)


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A value as a form has it."""
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in flat(each, f"{name}[{key}]" if name else key)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [pair for index, each in enumerate(value) for pair in flat(each, f"{name}[{index}]")]
    if isinstance(value, list):
        return [(name, str(each)) for each in value]
    return [] if value is None else [(name, str(value))]


def bodies(value: Any) -> list[tuple[bytes, dict[str, str]]]:
    """The same value in all formats, with its Content-Type."""
    pairs = flat(value)
    return [
        (json.dumps(value).encode(), {"content-type": "application/json; charset=utf-8"}),
        (json.dumps(value).encode(), {"content-type": "application/vnd.api+json"}),
        (urlencode(pairs).encode(), URLENCODED),
        (form(*(part(name, text) for name, text in pairs)), MULTIPART),
        (ormsgpack.packb(value), {"content-type": "application/vnd.msgpack"}),
        (ormsgpack.packb(value), {"content-type": "Application/MsgPack"}),
    ]


def app_of(endpoint: Any = create, **options: Any) -> App:
    app = App(**options)
    app.post("/")(endpoint)
    return app


async def sent(app: Any, body: bytes, headers: dict[str, str]) -> Exchange:
    return await fetch(app, "POST /", body, headers)


TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=5)
ADDRESSES = st.fixed_dictionaries({"city": TEXTS, "zip": st.integers(-(2**63), 2**63 - 1)})
USERS = st.fixed_dictionaries(
    {"name": TEXTS, "age": st.integers(0, 2**63)},
    optional={
        "tags": st.lists(TEXTS, max_size=3),
        "address": st.none() | ADDRESSES,
        "others": st.lists(ADDRESSES, max_size=3),
    },
)


@given(USERS)
def test_one_value_is_the_same_model_in_each_format(value: dict[str, Any]) -> None:
    async def send_all() -> None:
        for app in APPS:
            for body, headers in bodies(value):
                assert (await sent(app, body, headers)).status == 204, headers
                assert SEEN.pop() == User(**value)

    anyio.run(send_all)


# Values that may fit, and forms of any names; in any format, also one that the body does not have.
LOOSE = st.recursive(
    st.none() | st.text("a1", max_size=2) | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "age", "tags", "address", "city", "zip", "others"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["name", "age", "tags", "tags[]", "address[city]", "address[zip]", "address", "others[0][city]",
                         "others[1][city]", "others[][city]", "others[x]", "[a]", "name[", "x"])  # fmt: skip
PAIRS = st.lists(st.tuples(NAMES, st.sampled_from(["", "1", "a"])), max_size=6)
TYPES = st.sampled_from([*ACCEPTED.split(", "), "application/x+json", "text/plain", ""])
BODIES = st.one_of(
    LOOSE.map(lambda value: json.dumps(value).encode()),
    LOOSE.map(ormsgpack.packb),
    PAIRS.map(lambda pairs: urlencode(pairs).encode()),
    st.just(b""),
)


@given(BODIES, TYPES)
def test_the_binder_agrees_with_the_interpreter(body: bytes, media_type: str) -> None:
    app, headers = APPS[0], {"content-type": media_type} if media_type else {}

    async def by_oracle() -> tuple[int, Any]:
        scope = scope_of("/", "POST", headers=headers)
        try:
            await interpret(app.routes[-1].plan, scope, body, (), lambda *sent: None)
        except Rejection as rejection:
            return rejection.status, [(each["in"], each.get("name", each.get("pointer")), each["code"])
                                      for each in rejection.entries]  # fmt: skip
        return 204, SEEN.pop()

    async def by_binder() -> tuple[int, Any]:
        response = await sent(app, body, headers)
        if response.status == 204:
            return 204, SEEN.pop()
        return response.status, response.errors if response.status == 422 else []

    assert anyio.run(by_binder) == anyio.run(by_oracle)


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


APPS = [app_of(), app_of(with_request), app_of(in_thread)]
PLACES = {
    "middleware": lambda: app_of(middleware=[Middleware(BaseHTTPMiddleware, dispatch=pass_on)]),
    "mounted": lambda: App(routes=[Mount("", app_of())], openapi_url=None),
    "router": lambda: App(routes=[*routed(Router()).routes]),
    "pickled": lambda: cloudpickle.loads(cloudpickle.dumps(app_of(pickled))),
}


async def pickled(user: Annotated[User, Body(media_types=ALL)]) -> None:
    from tests.declarative.test_body_formats import SEEN

    SEEN.append(user)


def routed(router: Any) -> Any:
    router.post("/")(create)
    return router


@pytest.mark.parametrize("place", PLACES)
async def test_formats_are_read_wherever_the_route_is(place: str) -> None:
    app = PLACES[place]()
    for body, headers in bodies({"name": "Ada", "age": 3, "address": {"city": "Oslo"}}):
        assert (await sent(app, body, headers)).status == 204
        assert SEEN.pop() == User(name="Ada", age=3, address=Address(city="Oslo"))


def test_a_plan_can_be_pickled() -> None:
    plan = app_of().routes[-1].plan
    assert cloudpickle.loads(cloudpickle.dumps(plan)).reads[0].formats[0].media_type == "application/json"


MSGPACK = {"content-type": "application/msgpack"}
JSON_TYPE = {"content-type": "application/json"}
DEEP = b"\x91" * 300 + b"\x01"
# A body, its header fields, and the status with the errors of the response.
INVALID: list[tuple[bytes, dict[str, str], int, list[tuple[str, ...]]]] = [
    (b"", {}, 422, [("body", "", "missing")]),
    (b"", JSON_TYPE, 422, [("body", "", "missing")]),
    (b"", MSGPACK, 422, [("body", "", "missing")]),
    (b"", URLENCODED, 422, [("body", "", "missing")]),
    (b"{", JSON_TYPE, 400, []),
    (b'{"name": "a", "age": NaN}', JSON_TYPE, 400, []),
    (b"\xc1", MSGPACK, 400, []),
    (ormsgpack.packb({"name": "a", "age": 1}) + b"\x01", MSGPACK, 400, []),
    (ormsgpack.packb({"name": "a", "age": 1})[:-1], MSGPACK, 400, []),
    (b"\xdd\xff\xff\xff\xff", MSGPACK, 400, []),
    (DEEP, MSGPACK, 400, []),
    (ormsgpack.packb({"name": "a", "age": float("nan")}), MSGPACK, 400, []),
    (ormsgpack.packb(b"NaN"), MSGPACK, 422, [("body", "", "model_type")]),
    (ormsgpack.packb([1]), MSGPACK, 422, [("body", "", "model_type")]),
    (b"name=a", {}, 415, []),
    (b"name=a", {"content-type": "text/plain"}, 415, []),
    (b"name=a", {"content-type": "nothing"}, 415, []),
    (b"name=a&age=1&x" + b"[a]" * 20 + b"=1", URLENCODED, 400, []),
    (b"name=a&age=1&tags[][x]=1", URLENCODED, 400, []),
    (form(part("name", "a", "file.txt")), MULTIPART, 400, []),
    (b"--cut", MULTIPART, 400, []),
    (b'{"age": "x", "address": {}}', JSON_TYPE, 422,
     [("body", "/name", "missing"), ("body", "/age", "int_parsing"), ("body", "/address/city", "missing")]),
    (ormsgpack.packb({"age": "x", "address": {}}), MSGPACK, 422,
     [("body", "/name", "missing"), ("body", "/age", "int_parsing"), ("body", "/address/city", "missing")]),
    (b"age=x&address[zip]=y", URLENCODED, 422,
     [("form", "name", "missing"), ("form", "age", "int_parsing"), ("form", "address", "missing"),
      ("form", "address", "int_parsing")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "status", "errors"), INVALID, ids=range(len(INVALID)))
async def test_an_invalid_body_has_the_errors_of_its_format(
    body: bytes, headers: dict[str, str], status: int, errors: list[tuple[str, ...]]
) -> None:
    for app in APPS[:2]:
        response = await sent(app, body, headers)
        assert (response.status, response["content-type"]) == (status, "application/problem+json")
        if errors:
            assert response.errors == errors
        assert response["accept-post"] == (ACCEPTED if status == 415 else None)


async def test_files_are_rejected_where_limits_around_allow_them() -> None:
    app = app_of(middleware=[Middleware(BaseHTTPMiddleware, dispatch=pass_on)])
    response = await sent(app, form(part("name", "a", "file.txt")), MULTIPART)
    assert (response.status, response.json["detail"]) == (400, "a form in place of JSON must not have files")


async def test_limits_hold_for_each_format() -> None:
    value = {"name": "a" * 200, "age": 1}
    for body, headers in bodies(value):
        assert (await sent(app_of(limits=Limits(body_bytes=100)), body, headers)).status == 413
    [(body, headers), *_] = bodies(value)
    assert (await sent(app_of(limits=Limits(json_values=1)), body, headers)).status == 413


async def test_a_body_without_a_type_is_the_first_format_if_the_application_says_so() -> None:
    assert (await sent(app_of(strict_content_type=False), b'{"name": "Ada", "age": 1}', {})).status == 204
    assert SEEN.pop().name == "Ada"


async def test_an_encoded_body_is_decoded_or_a_415() -> None:
    for body, headers in bodies({"name": "Ada", "age": 1}):
        encoded = {**headers, "content-encoding": "gzip"}
        assert (await sent(app_of(request_encodings=["gzip"]), gzip.compress(body), encoded)).status == 204
        assert SEEN.pop().name == "Ada"
        if "form" not in headers["content-type"]:
            response = await sent(app_of(), gzip.compress(body), encoded)
            assert (response.status, response["accept-encoding"]) == (415, "identity")


async def test_options_names_the_media_types() -> None:
    response = await call(APPS[0], "/", "OPTIONS")
    assert (response.status, response["accept-post"]) == (204, ACCEPTED)

    async def plain(user: User) -> None: ...

    assert (await call(app_of(plain), "/", "OPTIONS"))["accept-post"] is None


async def test_an_optional_body_may_be_empty() -> None:
    async def change(user: Annotated[User | None, Body(media_types=ALL)] = None) -> None:
        SEEN.append(user)

    assert (await sent(app_of(change), b"", {})).status == 204
    assert SEEN.pop() is None


class Lines(Format):
    """A format of an application: `name: value` in each line."""

    media_type = "text/x-lines"

    def decoder(self, content: Content) -> Any:
        assert content.annotation is User
        assert "name" in content.schema()["properties"]
        return lambda body: dict(line.split(": ", 1) for line in body.decode().splitlines())


async def test_an_application_may_add_a_format() -> None:
    async def create(user: Annotated[User, Body(media_types=[Lines()])]) -> None:
        SEEN.append(user)

    app, headers = app_of(create), {"content-type": "text/x-lines"}
    assert (await sent(app, b"name: Ada\nage: 3", headers)).status == 204
    assert SEEN.pop() == User(name="Ada", age=3)
    assert (await sent(app, b"name", headers)).json["detail"] == "Invalid body: not valid `text/x-lines`"
    assert (await sent(app, b"\xff", headers)).status == 400
    assert (await sent(app, b"name: Ada", headers)).errors == [("body", "/age", "missing")]


async def test_an_exception_handler_reads_what_was_sent() -> None:
    app = App()

    class Broken(Problem):
        status = 409
        title = "Broken"

    @app.post("/")
    async def fail(user: Annotated[User, Body(media_types=ALL)]) -> None:
        raise Broken

    @app.exception_handler(Broken)
    async def handle(request: Request, exc: Any) -> Any:
        fields = dict(await request.form()) if "form" in request.headers["content-type"] else await request.body()
        return app.errors.validation_error([{"in": "body", "code": "seen", "message": str(fields)}])

    for body, headers in bodies({"name": "Ada", "age": 1}):
        expected = str({"name": "Ada", "age": "1"}) if "form" in headers["content-type"] else str(body)
        assert (await sent(app, body, headers)).json["errors"][0]["message"] == expected


def test_the_document_lists_all_media_types() -> None:
    for version in ("3.1.0", "3.2.0"):
        operation = app_of(openapi_version=version).openapi()["paths"]["/"]["post"]
        content = operation["requestBody"]["content"]
        assert ", ".join(content) == ACCEPTED
        assert all(each == {"schema": {"$ref": "#/components/schemas/User"}} for each in content.values())
        assert "Accept-Post" in operation["responses"]["415"]["headers"]


class NeverFits(Format):
    media_type = "text/x-never"

    def decoder(self, content: Content) -> DoesNotFit:
        return DoesNotFit("it never fits", "use another one")


REJECTED: list[tuple[Any, dict[str, Any], str]] = [
    (User, {"media_types": []}, "must be a list of formats"),
    (User, {"media_types": "json"}, "must be a list of formats"),
    (User, {"media_types": [User]}, "contains `User`, which is not a format"),
    (User, {"media_types": [Format]}, "contains `Format`, which is not a format"),
    (User, {"media_types": ["application/json"]}, "write `JSON`, from `signette.formats`"),
    (User, {"media_types": [CSV]}, "`CSV` cannot be decoded to `User` of `body`: it has no `decoder`"),
    (User, {"media_types": [NeverFits]}, "it never fits"),
    (int, {"media_types": [FormEncoded]}, "a form has named fields"),
    (User, {"media_types": ALL, "embed": True}, "Body(media_types=...)"),
    (User, {"media_types": ALL, "media_type": "text/plain"}, "Body(media_type=...)"),
    (Any, {"media_types": [FormEncoded, MessagePack()], "decimal": True}, "Body(decimal=...)"),
    (User, {"media_types": [JSON, FormEncoded], "decimal": True}, "`User` has no decimals"),
    (bytes, {"media_types": ALL}, "Body(media_types=...)"),
    (Patch[User], {"media_types": ALL}, "Body(media_types=...)"),
]


INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3) | INTEGERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@given(VALUES, st.binary(min_size=1, max_size=4))
def test_messagepack_is_one_value_to_its_end(value: Any, more: bytes) -> None:
    decode: Any = MessagePack().decoder(Content(Any, dict))
    body = ormsgpack.packb(value)
    assert decode(body) == value
    for broken in (body + more, body[:-1]):
        with pytest.raises(ValueError):  # noqa: PT011 - with any text: clients do not see it
            decode(broken)


@pytest.mark.parametrize(("annotation", "options", "message"), REJECTED, ids=range(len(REJECTED)))
def test_an_invalid_option_is_rejected(annotation: Any, options: dict[str, Any], message: str) -> None:
    async def endpoint(body: Any) -> None: ...

    endpoint.__annotations__["body"] = Annotated[annotation, Body(**options)]
    with pytest.raises(SignatureError) as raised:
        App(openapi_url=None).patch("/")(endpoint)
    assert message in str(raised.value)


def test_json_in_a_form_has_one_format() -> None:
    async def endpoint(name: Annotated[str, Form()], user: Annotated[User, Body(media_types=ALL)]) -> None: ...

    with pytest.raises(SignatureError, match=r"Body\(media_types=...\)"):
        app_of(endpoint)


def test_a_form_cannot_be_rendered() -> None:
    assert isinstance(FormEncoded().encoder(Content(User, dict)), DoesNotFit)


def test_explain_lists_the_formats() -> None:
    assert "body: User   formats: JSON, FormEncoded, MessagePack\n" in APPS[0].explain("POST /")
