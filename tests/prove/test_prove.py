"""`prove(app)`: what it reports of applications with faults, and of one without."""

from collections.abc import Iterable
from typing import Annotated

import pytest

from signette import App, Created, JSONResponse, Problem, Request, Response, Security
from signette import Path as PathParameter
from signette.prove import (
    Exchange,
    Finding,
    InvalidSetting,
    Law,
    NoOperations,
    NotProved,
    ProvedOperation,
    Report,
    Send,
    UnknownLaw,
    Violation,
    prove,
)
from signette.prove import Request as Sent
from signette.prove.laws.table import LAWS
from signette.prove.operations import operations_of
from signette.security import APIKeyHeader, HTTPBasic, HTTPBearer
from tests.prove import shop

pytestmark = pytest.mark.thorough

# Each law has its own tests, and some send requests, which would count in the application.
OTHER_LAWS = [make().name for make in LAWS]


def report_of(app: object, **options: object) -> Report:
    """The report, whether or not a law is violated."""
    try:
        return prove(app, **{"max_examples": 12, "without": OTHER_LAWS, **options})  # type: ignore[arg-type]
    except NotProved as error:
        return error.report


@pytest.fixture(scope="module")
def shop_report() -> Report:
    return report_of(shop.app, max_examples=30, operation=["read_item", "teapot"])


def finding(report: Report, operation: str) -> Finding:
    (found,) = [each for each in report.findings if each.operation == operation]
    return found


def test_an_application_that_keeps_its_contract_is_clean() -> None:
    app = App()

    @app.get("/double/{number}")
    async def double(number: int) -> int:
        return number * 2

    report = prove(app, max_examples=12, without=OTHER_LAWS)
    assert report.is_clean
    (operation,) = report.operations
    assert (operation.reached, operation.never_reached, operation.undeclared) == (("200", "422"), (), ())
    assert 5 < operation.requests <= 13


def test_ids_of_earlier_responses_reach_what_needs_them(shop_report: Report) -> None:
    read = next(each for each in shop_report.operations if each.name == "read_item")
    assert read.reached == ("200", "404", "422")
    assert read.undeclared == (500,)


def test_a_failing_request_is_made_small(shop_report: Report) -> None:
    found = finding(shop_report, "read_item")
    assert found.law == "no-server-error"
    assert found.message.startswith("the application raised `RuntimeError` in `read_item`")
    assert [(each.method, each.target) for each in found.requests] == [
        ("POST", "/items"),
        ("GET", "/items/{response_1.id}?scale=101"),
    ]
    assert found.statuses == (201, 500)
    assert found.is_reproduced
    teapot = finding(shop_report, "teapot")
    assert (teapot.law, teapot.message) == ("declared-status", "418 I'm a Teapot is not declared")
    assert [each.target for each in teapot.requests] == ["/teapot?cups=6"]


def test_two_runs_with_one_seed_are_equal(shop_report: Report) -> None:
    again = report_of(shop.app, max_examples=30, operation=["read_item", "teapot"])
    assert again == shop_report
    assert again.as_dict() == shop_report.as_dict()


def test_the_test_of_a_finding_fails_as_long_as_the_fault_is_there(
    shop_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, teapot = shop_report.findings
    with pytest.raises(AssertionError, match="no-server-error: No request causes an exception or a 500"):
        run_test(read.test)
    with pytest.raises(AssertionError, match="418 I'm a Teapot is not declared"):
        run_test(teapot.test)
    monkeypatch.setattr(shop, "LARGEST", 1000)
    run_test(read.test)


def test_credentials_of_before_are_those_of_each_start() -> None:
    report = report_of(shop.app, operation="read_secret", before=shop.logged_in, max_examples=2)
    found = finding(report, "read_secret")
    assert found.requests[-1].headers == (("Authorization", "$AUTHORIZATION"),)
    assert found.curl == (
        'curl -si --globoff --path-as-is -H "Authorization: $AUTHORIZATION" http://127.0.0.1:8000/secret',
    )
    assert "from tests.prove.shop import logged_in" in found.test
    assert "before=logged_in" in found.test
    with pytest.raises(AssertionError, match="no-server-error"):
        run_test(found.test)


def run_test(source: str) -> None:
    names: dict[str, object] = {}
    exec(compile(source, "<finding>", "exec"), names)
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    assert callable(test)
    test()


class Busy(Problem, status=503): ...


def test_each_check_finds_its_fault() -> None:
    app = App()

    @app.get("/undeclared-status")
    async def undeclared_status() -> JSONResponse:
        return JSONResponse([], 202)

    @app.get("/exception")
    async def exception() -> int:
        raise KeyError

    @app.get("/media-type", responses={200: {"content": {"application/json": {}}}}, response_class=Response)
    async def media_type() -> Response:
        return Response("a,b", media_type="text/csv")

    @app.get("/body", response_model=None, responses={200: {"content": {"application/json": {"schema": SCHEMA}}}})
    async def body() -> JSONResponse:
        return JSONResponse({"items": [{"price": "1"}]})

    @app.get("/missing", response_model=None, responses={200: {"content": {"application/json": {"schema": SCHEMA}}}})
    async def missing() -> JSONResponse:
        return JSONResponse({})

    @app.get("/header", responses={200: {"headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}}}})
    async def header() -> int:
        return 1

    @app.get("/header-type", responses={200: {"headers": {"X-Count": {"schema": {"type": "integer"}}}}})
    async def header_type(response: Response) -> int:
        response.headers["X-Count"] = "many"
        return 1

    @app.get("/no-content", status_code=204)
    async def no_content() -> None:
        return None

    @app.get("/declared-503")
    async def declared() -> Busy:
        return Busy()

    report = report_of(app, max_examples=2)
    assert {(each.operation, each.law, each.message.partition(" in ")[0]) for each in report.findings} == {
        ("undeclared_status", "declared-status", "202 Accepted is not declared"),
        ("exception", "no-server-error", "the application raised `KeyError`"),
        ("media_type", "declared-media-type", "200 OK has the media type `text/csv`, which is not declared"),
        (
            "body",
            "declared-body",
            "the body of 200 OK does not fit its schema: `type` is not fulfilled at `/items/*/price`",
        ),
        ("missing", "declared-body", "the body of 200 OK does not fit its schema: `items` is missing"),
        ("header", "declared-headers", "200 OK has no header `X-Count`"),
        ("header_type", "declared-headers", "the header `X-Count` of 200 OK is not of its type"),
    }


SCHEMA = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}}
    },
}


def test_a_request_without_a_response_is_a_finding() -> None:
    app = App()

    @app.get("/wait")
    async def wait() -> int:
        await shop.forever()
        return 1

    report = report_of(app, max_examples=1, timeout=0.05)
    assert {each.law for each in report.findings} == {"responds-in-time"}


def test_what_depends_on_earlier_requests_is_shown_with_them() -> None:
    app = App()
    seen: list[str] = []

    @app.put("/names/{name}")
    async def add_name(name: str) -> int:
        """Fails for the third name."""
        seen.append(name)
        if len(seen) > 2:
            raise RuntimeError("full")
        return len(seen)

    report = report_of(app, reset=seen.clear, max_examples=8)
    found = finding(report, "add_name")
    assert [each.method for each in found.requests] == ["PUT"] * 3
    assert found.statuses == (200, 200, 500)


Key = Annotated[str, Security(APIKeyHeader(name="X-Key"))]
Token = Annotated[str, Security(HTTPBearer())]
Basic = Annotated[object, Security(HTTPBasic())]


def test_credentials_are_sent_to_operations_that_require_them_and_left_out_once() -> None:
    app = App()
    seen: set[tuple[str, str]] = set()

    def note(request: Request, name: str) -> None:
        seen.add((request.url.path, request.headers.get(name, "")))

    @app.get("/key")
    async def key(request: Request, key: Key) -> None:
        note(request, "x-key")

    @app.get("/token")
    async def token(request: Request, token: Token) -> None:
        note(request, "authorization")

    @app.get("/basic")
    async def basic(request: Request, user: Basic) -> None:
        note(request, "authorization")

    @app.get("/open")
    async def open_to_all(request: Request) -> None:
        note(request, "authorization")
        note(request, "x-all")

    auth: dict[str, str | tuple[str, str]] = {"APIKeyHeader": "k", "HTTPBearer": "t", "HTTPBasic": ("ada", "pw")}
    report = prove(app, auth=auth, headers={"X-All": "1"}, max_examples=2, without=["credentials"])
    assert seen == {
        ("/key", "k"), ("/token", "Bearer t"), ("/basic", "Basic YWRhOnB3"), ("/open", ""), ("/open", "1"),
    }  # fmt: skip
    assert all("401" in each.reached for each in report.operations if each.name != "open_to_all")


def test_a_custom_law_is_checked_and_laws_can_be_left_out() -> None:
    app = App()

    @app.get("/")
    async def home(response: Response) -> int:
        response.headers["server"] = "mine"
        return 1

    class NoServerHeader(Law):
        name = "no-server-header"
        summary = "Responses do not name the server"
        most = 1

        async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
            again = await send(exchange.request)
            if again.header("server") is None:
                return []
            return [self.violation(operation, "the response has the header Server", exchange, again)]

    report = report_of(app, laws=[NoServerHeader], max_examples=1)
    found = finding(report, "home")
    assert (found.law, [each.target for each in found.requests]) == ("no-server-header", ["/", "/"])
    assert prove(app, laws=[NoServerHeader], without=["no-server-header", *OTHER_LAWS], max_examples=1).is_clean
    with pytest.raises(UnknownLaw, match="no law is named `no-such-law`"):
        prove(app, without=["no-such-law"])


def test_a_law_may_check_an_operation_without_a_generated_request() -> None:
    app = App()

    @app.get("/")
    async def home() -> int:
        return 1

    class NoRoot(Law):
        name = "no-root"
        summary = "Nothing is at the root"

        async def prepare(self, operation: ProvedOperation, send: Send) -> Iterable[Violation]:
            exchange = await send(Sent("GET", "/"))
            return [self.violation(operation, "there is a root", exchange)] if exchange.is_success else []

    found = finding(report_of(app, laws=[NoRoot], max_examples=1), "home")
    assert found.is_reproduced
    assert 'replay.check("no-root")' in found.test


def test_operations_are_chosen_by_name_pattern_and_path() -> None:
    assert [each.name for each in operations_of(shop.app, ["read_*"])] == ["read_item", "read_secret"]
    assert [each.name for each in operations_of(shop.app, ["GET /teapot", "read_secret"])] == ["teapot", "read_secret"]
    assert len(operations_of(shop.app)) == 4
    with pytest.raises(NoOperations, match="no operation is named `read_itm`"):
        prove(shop.app, operation="read_itm")
    with pytest.raises(NoOperations, match="no operation is named `write`"):
        prove(shop.app, exclude="write")
    with pytest.raises(NoOperations, match="all are excluded"):
        prove(shop.app, exclude="*")
    with pytest.raises(NoOperations, match=r"`function` is not a `signette\.App`"):
        prove(report_of)
    with pytest.raises(NoOperations, match="has no operations"):
        prove(App())
    with pytest.raises(InvalidSetting, match="max_examples must be at least 1"):
        prove(shop.app, max_examples=0)
    with pytest.raises(InvalidSetting, match="timeout must be more than 0 seconds"):
        prove(shop.app, timeout=0)


def test_a_rate_limit_does_not_end_the_search() -> None:
    app = App()
    counts: list[int] = []

    class TooMany(Problem, status=429): ...

    @app.get("/few")
    async def few(number: int = 0) -> int | TooMany:
        counts.append(number)
        return number if len(counts) < 4 else TooMany()

    (operation,) = prove(app, reset=counts.clear, max_examples=25, without=OTHER_LAWS).operations
    assert operation.reached == ("200", "422", "429")


def test_the_error_reads_as_the_report() -> None:
    app = App()

    @app.get("/")
    async def home() -> Created[int]:
        raise LookupError

    with pytest.raises(NotProved) as raised:
        prove(app, max_examples=1, without=OTHER_LAWS)
    text = str(raised.value)
    assert text.startswith("1 violation\n\nFAIL  GET /  reached nothing; never reached 201; undeclared 500\n")
    assert "GET / violates no-server-error" in text
    assert "curl -si --globoff --path-as-is http://127.0.0.1:8000/" in text


def test_a_request_that_another_operation_takes_is_not_sent() -> None:
    app = App()

    @app.get("/books/count")
    async def count() -> str:
        return "3"

    @app.get("/books/{name}")
    async def read(name: Annotated[str, PathParameter(pattern="^(count|tea)$")]) -> int:
        return len(name)

    report = prove(app, max_examples=20)
    assert [each.reached for each in report.operations] == [("200",), ("200", "422")]
