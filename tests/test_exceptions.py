import copy
import pickle
from http import HTTPStatus

import pytest
from pydantic import TypeAdapter, ValidationError

from signette import types
from signette.exceptions import (
    HTTPException,
    LimitExceeded,
    RequestValidationError,
    ResponseValidationError,
    SignetteDeprecationWarning,
    WebSocketException,
    phrase_of,
)
from signette.limits import Limits

# Python 3.13 brought these phrases of RFC 9110 to the standard library.
NEW_PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


@pytest.mark.parametrize("status", list(HTTPStatus))
def test_a_detail_is_the_phrase_of_its_status_by_default(status):
    phrase = NEW_PHRASES.get(status.value, status.phrase)
    assert HTTPException(status.value).detail == phrase_of(status.value) == phrase


@pytest.mark.parametrize("unknown", [0, 99, 299, 499, 599, 1000])
def test_a_status_without_a_phrase_has_an_empty_detail(unknown):
    assert HTTPException(unknown).detail == ""


def test_a_detail_may_be_empty_or_no_text():
    assert HTTPException(404, "").detail == ""
    assert HTTPException(404, {"sku": "A-1"}).detail == {"sku": "A-1"}


def test_the_text_of_an_http_exception():
    exc = HTTPException(404, "gone", {"x-a": "b"})
    assert str(exc) == "404: gone"
    assert repr(exc) == "HTTPException(status_code=404, detail='gone')"
    assert exc.headers == {"x-a": "b"}

    class Custom(HTTPException):
        pass

    assert repr(Custom(status_code=500)) == "Custom(status_code=500, detail='Internal Server Error')"


def test_the_text_of_a_websocket_exception():
    exc = WebSocketException(1008, "Policy Violation")
    assert str(exc) == "1008: Policy Violation"
    assert repr(exc) == "WebSocketException(code=1008, reason='Policy Violation')"
    assert WebSocketException(1008).reason == ""


def test_an_exceeded_limit_is_named_in_the_detail_and_its_setting_in_the_hint_alone():
    exc = LimitExceeded(413, "body_bytes", 10)
    assert exc.status_code == 413
    assert (exc.limit, exc.limit_value) == ("body_bytes", 10)
    assert exc.detail == "body exceeds 10 bytes"
    assert exc.hint == "`App(limits=Limits(body_bytes=...))`"
    assert LimitExceeded(413, "other", 3, "part exceeds 3 bytes", hint="it").detail == "part exceeds 3 bytes"
    assert LimitExceeded(413, "other", 3).detail == "request exceeds a limit of 3"
    assert hasattr(Limits(), exc.limit)


@pytest.mark.parametrize(
    ("count", "detail"), [(1, "request validation failed: 1 error"), (3, "request validation failed: 3 errors")]
)
def test_a_validation_error_counts_its_entries(count, detail):
    entry = {"in": "query", "code": "missing", "message": "Field required"}
    entries = [{**entry, "name": f"limit-{number}"} for number in range(count)]
    exc = RequestValidationError(entries)
    assert (exc.status_code, exc.detail, exc.errors()) == (422, detail, entries)


@pytest.mark.parametrize(
    "exc",
    [
        HTTPException(404, "gone", {"x": "y"}),
        LimitExceeded(413, "body_bytes", 10, hint="it"),
        RequestValidationError([{"in": "body", "pointer": "/a", "code": "missing", "message": "Field required"}]),
        WebSocketException(1008, "no"),
    ],
)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda exc: pickle.loads(pickle.dumps(exc))])
def test_exceptions_survive_copying_and_pickling(exc, again):
    twin = again(exc)
    assert type(twin) is type(exc)
    assert vars(twin) == vars(exc)
    assert str(twin) == str(exc)


def test_the_deprecation_warning_is_shown_by_default_and_is_one_class():
    assert issubclass(SignetteDeprecationWarning, UserWarning)
    assert not issubclass(SignetteDeprecationWarning, DeprecationWarning)
    assert SignetteDeprecationWarning is types.SignetteDeprecationWarning


def test_limits_are_a_frozen_record():
    with pytest.raises(AttributeError):
        Limits().json_bytes = 3  # type: ignore[misc]  # what is rejected


PYDANTIC = [
    {"type": "missing", "loc": ("address", "zip", 0), "msg": "Field required", "input": "SECRET", "url": "https://x"},
    {"type": "value_error", "loc": (), "msg": "Value error, no", "input": "SECRET", "ctx": {"error": "SECRET"}},
    {"type": "uuid_parsing", "loc": ("id",), "msg": "Input should be a valid UUID, SECRET", "input": "SECRET"},
    {
        "type": "union_tag_invalid",
        "loc": ("pet",),
        "msg": "Input tag 'SECRET' found using 'kind' does not match any of the expected tags: 'cat'",
        "input": {"kind": "SECRET"},
    },
]
FASTAPI = [
    {"type": "missing", "loc": ("query", "q"), "msg": "Field required", "input": "SECRET"},
    {"type": "int_type", "loc": ["body", "rows", 3, "a/b"], "msg": "Input should be an integer", "input": "SECRET"},
    {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None},
    {"type": "int_type", "loc": ("header", "x-ids", 0), "msg": "Input should be an integer", "input": "SECRET"},
]


def test_errors_of_pydantic_become_entries_without_the_value():
    assert RequestValidationError(PYDANTIC).errors() == [
        {"in": "body", "pointer": "/address/zip/0", "code": "missing", "message": "Field required"},
        {"in": "body", "pointer": "", "code": "value_error", "message": "Value error, no"},
        {"in": "body", "pointer": "/id", "code": "uuid_parsing", "message": "Input should be a valid UUID"},
        {
            "in": "body",
            "pointer": "/pet",
            "code": "union_tag_invalid",
            "message": "Input tag found using 'kind' does not match any of the expected tags: 'cat'",
        },
    ]


def test_errors_of_fastapi_become_entries_with_their_source():
    exc = RequestValidationError(FASTAPI, body={"q": "SECRET"})
    assert exc.errors() == [
        {"in": "query", "name": "q", "code": "missing", "message": "Field required"},
        {"in": "body", "pointer": "/rows/3/a~1b", "code": "int_type", "message": "Input should be an integer"},
        {"in": "body", "pointer": "", "code": "missing", "message": "Field required"},
        {"in": "header", "name": "x-ids", "pointer": "/0", "code": "int_type", "message": "Input should be an integer"},
    ]
    assert (exc.detail, exc.body) == ("request validation failed: 4 errors", {"q": "SECRET"})
    assert "SECRET" not in f"{exc} {exc!r} {exc.errors()}"


def test_a_pydantic_exception_a_message_or_one_error_is_accepted():
    with pytest.raises(ValidationError) as rejected:
        TypeAdapter(dict[str, int]).validate_python({"a": "SECRET"})
    (entry,) = RequestValidationError(rejected.value).errors()
    assert (entry["in"], entry["pointer"], entry["code"]) == ("body", "/a", "int_parsing")
    assert "SECRET" not in str(entry)
    text = {"in": "body", "code": "value_error", "message": "The name is taken"}
    assert RequestValidationError("The name is taken").errors() == [text]
    assert RequestValidationError(["The name is taken", ValueError("no")]).errors() == [text, text | {"message": "no"}]
    assert RequestValidationError(FASTAPI[0]).errors() == RequestValidationError(iter(FASTAPI[:1])).errors()


def test_entries_are_unchanged_except_for_the_input():
    entry = {"in": "cookie", "name": "id", "code": "gone", "message": "It is gone"}
    assert RequestValidationError([entry]).errors() == [entry]
    more = entry | {"hint": "log in", "input": "SECRET", "url": "https://x", "ctx": {}}
    assert RequestValidationError([more]).errors() == [entry | {"hint": "log in"}]
    assert RequestValidationError([{"in": "query"}]).errors() == [
        {"in": "query", "code": "value_error", "message": "Invalid value"}
    ]


def test_a_validation_error_survives_pickling_with_its_body():
    again = pickle.loads(pickle.dumps(RequestValidationError(FASTAPI, body=[1])))
    assert (again.errors(), again.body) == (RequestValidationError(FASTAPI).errors(), [1])
    assert RequestValidationError([], b'{"a": 1}').body == {"a": 1}
    assert RequestValidationError([], body=None).body is None


def test_a_response_validation_error_lists_its_errors():
    exc = ResponseValidationError(int, "it is a text", body="text")
    expected = [{"in": "response", "pointer": "", "code": "value_error", "message": "it is a text"}]
    assert (str(exc), exc.errors(), exc.body) == ("the result is not a valid `int`: it is a text", expected, "text")
    again = pickle.loads(pickle.dumps(exc))
    assert (str(again), again.errors(), again.body, again.annotation) == (str(exc), expected, "text", int)
