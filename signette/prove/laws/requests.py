"""Changes to requests that laws make."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urljoin, urlsplit

from signette.prove.law import ProvedOperation, Request

# RFC 9110 sections 13.1 and 14.2: the response to a request with them depends on an earlier one.
_CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range")
# What describes the content of a request, or belongs to one request alone.
_OF_ONE_REQUEST = (*_CONDITIONS, "Content-Type", "Content-Length", "Content-Encoding", "Accept", "Idempotency-Key")
# RFC 3986 section 3: what a URL reference may have in its path and query as it is.
_UNQUOTED = "/%:@!$&'()*+,;=~-._?"


def without_conditions(request: Request) -> Request:
    """The request without preconditions and ranges."""
    return without_headers(request, *_CONDITIONS)


def without_headers(request: Request, *names: str) -> Request:
    """The request without these headers."""
    for name in names:
        request = request.without_header(name)
    return request


def reading(request: Request, target: str) -> Request:
    """A GET for another target, with the credentials of a request."""
    kept = without_headers(request, *_OF_ONE_REQUEST)
    return replace(kept, method="GET", target=target, body=b"", chunked=False)


def query_names(request: Request) -> list[str]:
    """The names of the query parameters that a request has."""
    return [unquote_plus(pair.partition("=")[0]) for pair in _pairs(request)]


def without_query(request: Request, name: str) -> Request:
    """The request without a query parameter."""
    kept = [pair for pair in _pairs(request) if unquote_plus(pair.partition("=")[0]) != name]
    return replace(request, target="?".join([request.path, *(["&".join(kept)] if kept else [])]))


def with_query(request: Request, name: str, value: str) -> Request:
    """The request with this value of a query parameter alone."""
    changed = without_query(request, name)
    separator = "&" if "?" in changed.target else "?"
    return replace(changed, target=f"{changed.target}{separator}{quote(name, safe='')}={quote(value, safe='')}")


def _pairs(request: Request) -> list[str]:
    return [pair for pair in request.target.partition("?")[2].split("&") if pair]


def without_cookie(request: Request, name: str) -> Request:
    """The request without a cookie."""
    sent = request.header("cookie")
    if sent is None:
        return request
    kept = [each for each in sent.split("; ") if each.partition("=")[0] != name]
    return request.with_header("Cookie", "; ".join(kept)) if kept else request.without_header("Cookie")


def with_cookie(request: Request, name: str, value: str) -> Request:
    """The request with this value of a cookie."""
    changed = without_cookie(request, name)
    sent = changed.header("cookie")
    return changed.with_header("Cookie", f"{name}={value}" if sent is None else f"{sent}; {name}={value}")


def path_values(operation: ProvedOperation, request: Request) -> Mapping[str, str]:
    """The values of path parameters that a request has, decoded."""
    found = _template(operation).fullmatch(request.path)
    names = re.findall(r"{([^}]*)}", operation.path)
    return {} if found is None else dict(zip(names, map(unquote, found.groups()), strict=True))


def with_path_value(operation: ProvedOperation, request: Request, name: str, value: str) -> Request:
    """The request with another value of a path parameter."""
    values = {**path_values(operation, request), name: value}
    path = re.sub(r"{([^}]*)}", lambda found: quote(values.get(found[1], ""), safe=""), operation.path)
    query = request.target.partition("?")[2]
    return replace(request, target=f"{path}?{query}" if query else path)


def _template(operation: ProvedOperation) -> re.Pattern[str]:
    parts = re.split(r"({[^}]*})", operation.path)
    return re.compile("".join("(.+?)" if part.startswith("{") else re.escape(part) for part in parts))


def parameters_of(operation: ProvedOperation) -> Iterator[Mapping[str, Any]]:
    """The parameters of an operation, without references."""
    for each in operation.definition.get("parameters", ()):
        yield operation.resolve(each)


def without_parameter(request: Request, place: str, name: str) -> Request:
    """The request without a parameter in the query string, the headers or the cookies."""
    if place == "query":
        return without_query(request, name)
    return without_cookie(request, name) if place == "cookie" else request.without_header(name)


def has_parameter(request: Request, place: str, name: str) -> bool:
    """Whether a request has a parameter in the query string, the headers or the cookies."""
    return without_parameter(request, place, name) != request


def body_media_types(operation: ProvedOperation) -> list[str]:
    """The media types of the declared request body."""
    body = operation.resolve(operation.definition.get("requestBody", {}))
    return [name.partition(";")[0].strip().lower() for name in body.get("content", {})]


def media_type_of(request: Request) -> str:
    """The media type of the body of a request, without parameters."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower()


def json_of(request: Request) -> Any:
    """The body of a request as JSON; None if it is not JSON."""
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def target_in_app(request: Request, location: str) -> str | None:
    """The target of a URL reference in a response to a request; None if it is on another host."""
    host = request.header("host") or "testserver"
    base = f"http://{host}{request.target}"
    try:
        url = urlsplit(urljoin(base, location))
    except ValueError:
        return None
    if url.scheme not in {"http", "https"} or url.netloc != host:
        return None
    path, query = quote(url.path or "/", safe=_UNQUOTED), quote(url.query, safe=_UNQUOTED)
    return f"{path}?{query}" if query else path
