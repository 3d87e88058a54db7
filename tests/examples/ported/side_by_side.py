"""One application in both forms, each with its own test client, and what is compared of their responses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import starlette.testclient

import signette.testclient
from tests.examples.ported.forms import load

# A signed session holds the second in which it was signed.
SIGNED = re.compile(r"^session=[\w=-]+\.[\w-]+\.[\w-]+;")


@contextmanager
def both_forms(name: str, **options: Any) -> Iterator[list[Any]]:
    """A client of the application as it stands, and one of its Starlette form, with their lifespans."""
    ours, theirs = [load(form, name).app for form in ("as_signette", "as_starlette")]
    assert type(ours).__module__.startswith("signette.")
    assert type(theirs).__module__.startswith("starlette.")
    options = {"follow_redirects": False, "headers": {"accept-encoding": "identity"}} | options
    with (
        signette.testclient.TestClient(ours, **options) as first,
        starlette.testclient.TestClient(theirs, **options) as second,
    ):
        yield [first, second]


def told(response: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a client sees of a response, but for what may differ: see `_value`."""
    headers = [(name, _value(name, value)) for name, value in response.headers.multi_items()]
    return response.status_code, sorted((name, value) for name, value in headers if value), response.content


def _value(name: str, value: str) -> str:
    if name == "set-cookie":  # attributes come in any order and case
        first, *attributes = SIGNED.sub("session=signed;", value).split("; ")
        return "; ".join([first, *sorted(attribute.lower() for attribute in attributes)])
    if name == "etag":  # opaque (RFC 9110 §8.8.3)
        return '"opaque"'
    if name == "allow":  # a set (RFC 9110 §10.2.1)
        return ", ".join(sorted(value.split(", ")))
    if name == "vary":  # a response that is too short to be compressed is the same for all: signette does not say so
        return ", ".join(sorted(set(value.split(", ")) - {"Accept-Encoding"}))
    return value
