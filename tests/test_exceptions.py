import copy
import pickle
from http import HTTPStatus

import pytest

from signette import types
from signette.exceptions import (
    HTTPException,
    LimitExceeded,
    RequestValidationError,
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


def test_what_it_looks_like():
    exc = HTTPException(404, "gone", {"x-a": "b"})
    assert str(exc) == "404: gone"
    assert repr(exc) == "HTTPException(status_code=404, detail='gone')"
    assert exc.headers == {"x-a": "b"}

    class Custom(HTTPException):
        pass

    assert repr(Custom(status_code=500)) == "Custom(status_code=500, detail='Internal Server Error')"


def test_what_a_websocket_exception_looks_like():
    exc = WebSocketException(1008, "Policy Violation")
    assert str(exc) == "1008: Policy Violation"
    assert repr(exc) == "WebSocketException(code=1008, reason='Policy Violation')"
    assert WebSocketException(1008).reason == ""


def test_an_exceeded_limit_is_named_in_the_detail_and_its_setting_in_the_hint_alone():
    exc = LimitExceeded(413, "body_bytes", 10)
    assert exc.status_code == 413
    assert (exc.limit, exc.bound) == ("body_bytes", 10)
    assert exc.detail == "body exceeds 10 bytes"
    assert exc.hint == "`App(limits=Limits(body_bytes=...))`"
    assert LimitExceeded(413, "other", 3, "part exceeds 3 bytes", hint="it").detail == "part exceeds 3 bytes"
    assert LimitExceeded(413, "other", 3).detail == "request exceeds a limit of 3"
    assert hasattr(Limits(), exc.limit)


@pytest.mark.parametrize(("count", "detail"), [(1, "1 value is not valid"), (3, "3 values are not valid")])
def test_a_validation_error_counts_what_it_lists(count, detail):
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


def test_the_deprecation_warning_is_seen_by_default_and_is_one_class():
    assert issubclass(SignetteDeprecationWarning, UserWarning)
    assert not issubclass(SignetteDeprecationWarning, DeprecationWarning)
    assert SignetteDeprecationWarning is types.SignetteDeprecationWarning


def test_limits_are_a_frozen_record():
    with pytest.raises(AttributeError):
        Limits().json_bytes = 3  # type: ignore[misc]  # what is refused
