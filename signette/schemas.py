"""OpenAPI documents from YAML in the docstrings of endpoints, for routes without types.

An `App` generates its OpenAPI document from signatures instead. This module is the adapter to PyYAML, an optional
library.
"""

import copy
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from signette.requests import Request
from signette.responses.plain import Response
from signette.routing.base import BaseRoute
from signette.routing.host import Host
from signette.routing.matching import without_convertors
from signette.routing.mount import Mount
from signette.routing.route import Route, unwrap_partials

if TYPE_CHECKING:
    import yaml  # type: ignore[import-untyped]  # its stubs are a separate package
else:
    try:
        import yaml
    except ModuleNotFoundError:  # `_yaml` raises ImportError: importing this module needs no PyYAML
        yaml = None

# In the order of a document. Without HEAD, which is documented by GET.
_VERBS = ("get", "post", "put", "patch", "delete", "options", "trace", "query")


class EndpointInfo(NamedTuple):
    """An operation: its path without convertors (`/users/{id}`), its method in lower case, its endpoint."""

    path: str
    http_method: str
    func: Callable[..., Any]


class OpenAPIResponse(Response):
    """A response with an OpenAPI document as YAML."""

    media_type = "application/vnd.oai.openapi"

    def render(self, content: Any) -> bytes:
        """Serialize the document. Raises AssertionError unless it is a dictionary."""
        if not isinstance(content, dict):
            raise AssertionError("The schema passed to OpenAPIResponse should be a dictionary.")  # noqa: TRY004 - documented
        # Only ASCII: PyYAML would write U+0085 unescaped, and read it as the end of a line.
        text: str = _yaml().safe_dump(content, default_flow_style=False, sort_keys=False)
        return text.encode()


class BaseSchemaGenerator:
    """Base class of schema generators. Subclasses implement `get_schema`."""

    def get_schema(self, routes: Iterable[BaseRoute]) -> dict[str, Any]:
        """The OpenAPI document of the routes."""
        raise NotImplementedError

    def get_endpoints(self, routes: Iterable[BaseRoute]) -> list[EndpointInfo]:
        """The operations of the routes, including mounted ones, in order. Skips WebSocket routes and hidden routes."""
        return list(_endpoints(routes, ""))

    def parse_docstring(self, func_or_method: Callable[..., Any]) -> dict[str, Any]:
        """The YAML of a docstring: the lines after the last line `---`, or all lines without such a line.

        Empty if the YAML is not a mapping, or if a docstring without `---` is not YAML.

        Raises:
            ValueError: the lines after `---` are not valid YAML.
        """
        docstring = getattr(unwrap_partials(func_or_method), "__doc__", None)
        if not docstring:
            return {}
        lines = inspect.cleandoc(docstring).splitlines()
        separators = [number for number, line in enumerate(lines, 1) if line.strip() == "---"]
        library = _yaml()
        try:
            value = library.safe_load("\n".join(lines[separators[-1] if separators else 0 :]))
        except library.YAMLError as exc:
            if not separators:
                return {}
            name = getattr(func_or_method, "__qualname__", func_or_method)
            raise ValueError(f"The docstring of `{name}` has invalid YAML after its `---`: {exc}") from exc
        return value if isinstance(value, dict) else {}

    def OpenAPIResponse(self, request: Request[Any]) -> Response:  # noqa: N802 - the documented name
        """The OpenAPI document of the application, as YAML."""
        return OpenAPIResponse(self.get_schema(request.app.routes))


class SchemaGenerator(BaseSchemaGenerator):
    """Adds the operations to a base document: `{"openapi": "3.1.0", "info": {...}}`.

    Skips operations without a docstring. Skips QUERY before OpenAPI 3.2.
    """

    def __init__(self, base_schema: dict[str, Any]) -> None:
        self.base_schema = base_schema

    def get_schema(self, routes: Iterable[BaseRoute]) -> dict[str, Any]:
        """The OpenAPI document of the routes, a new one for each call."""
        schema = copy.deepcopy(self.base_schema)
        paths = schema.setdefault("paths", {})
        supports_query = _version_of(schema) >= (3, 2)
        for path, method, func in self.get_endpoints(routes):
            if (supports_query or method != "query") and (operation := self.parse_docstring(func)):
                paths.setdefault(path, {})[method] = operation
        return schema


def parse_yaml(text: str) -> Any:
    """The value of a YAML document, as JSON has it: keys are texts, and dates stay texts.

    Raises:
        ValueError: it is not valid, or has values that JSON has not.
        ImportError: PyYAML is not installed.
    """
    library = _yaml()

    class Loader(library.SafeLoader):  # type: ignore[misc,name-defined]  # PyYAML may be missing
        """YAML's JSON schema, which OpenAPI recommends: no dates, and `yes` is a text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
        for first, resolvers in library.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false|True|False)$"), list("tfTF"))
    try:
        # Through JSON: it has texts as keys, and no value twice in itself.
        return json.loads(json.dumps(library.load(text, Loader), allow_nan=False))
    except (library.YAMLError, TypeError) as exc:
        raise ValueError(str(exc)) from None


def _endpoints(routes: Iterable[Any], prefix: str) -> Iterator[EndpointInfo]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _endpoints(route.routes, prefix + without_convertors(route.path))
        elif isinstance(route, Host):
            yield from _endpoints(route.routes, prefix)
        elif isinstance(route, Route) and route.include_in_schema:
            for method, func in _operations(route):
                yield EndpointInfo(prefix + without_convertors(route.path), method, func)


def _operations(route: Route) -> Iterator[tuple[str, Callable[..., Any]]]:
    endpoint = unwrap_partials(route.endpoint)
    methods = {method.lower() for method in route.methods or ()}
    if inspect.isfunction(endpoint) or inspect.ismethod(endpoint):
        for verb in _VERBS:
            if verb in methods:
                yield verb, endpoint
    elif inspect.isclass(endpoint):
        for verb in _VERBS:
            func = getattr(endpoint, verb, None)
            # A method `trace` is an ordinary method: `HTTPEndpoint` does not support TRACE.
            if callable(func) and verb != "trace" and (not methods or verb in methods):
                yield verb, func


def _version_of(schema: dict[str, Any]) -> tuple[int, ...]:
    numbers = str(schema.get("openapi", "")).split(".")[:2]
    return tuple(int(number) if number.isdecimal() else 0 for number in numbers)


def _yaml() -> Any:
    if yaml is None:
        raise ImportError("PyYAML must be installed for YAML in docstrings and files: `pip install pyyaml`")
    return yaml
