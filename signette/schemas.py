"""An OpenAPI document of plain routes, from YAML in the docstrings of their endpoints.

For routes without types. An `App` knows its document from signatures, and needs none of this. The one door to
PyYAML, which is optional.
"""

import copy
import inspect
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
    import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own
else:
    try:
        import yaml
    except ModuleNotFoundError:  # told where YAML is wanted: importing this module needs nothing
        yaml = None

# In the order of a document. HEAD is what GET says, without the content.
_VERBS = ("get", "post", "put", "patch", "delete", "options", "trace", "query")


class EndpointInfo(NamedTuple):
    """One operation: its path without convertors (`/users/{id}`), its method in lower case, what answers it."""

    path: str
    http_method: str
    func: Callable[..., Any]


class OpenAPIResponse(Response):
    """A document as YAML."""

    media_type = "application/vnd.oai.openapi"

    def render(self, content: Any) -> bytes:
        """The YAML text. Raises AssertionError: it is no dictionary."""
        if not isinstance(content, dict):
            raise AssertionError("The schema passed to OpenAPIResponse should be a dictionary.")  # noqa: TRY004 - as known
        # Escaped beyond ASCII: PyYAML would write a U+0085 as it is, and read it back as the end of a line.
        text: str = _yaml().safe_dump(content, default_flow_style=False, sort_keys=False)
        return text.encode()


class BaseSchemaGenerator:
    """What generators of documents have in common; subclasses write `get_schema`."""

    def get_schema(self, routes: Iterable[BaseRoute]) -> dict[str, Any]:
        """The document of the routes."""
        raise NotImplementedError

    def get_endpoints(self, routes: Iterable[BaseRoute]) -> list[EndpointInfo]:
        """The operations of the routes, mounted ones included, in their order; sockets and hidden routes left out."""
        return list(_endpoints(routes, ""))

    def parse_docstring(self, func_or_method: Callable[..., Any]) -> dict[str, Any]:
        """The YAML of a docstring: what follows its last line of `---`, or all of it if there is no such line.

        Empty where that is no mapping; without `---` it may be just text.

        Raises:
            ValueError: what follows `---` is no YAML.
        """
        docstring = getattr(unwrap_partials(func_or_method), "__doc__", None)
        if not docstring:
            return {}
        lines = inspect.cleandoc(docstring).splitlines()
        marks = [number for number, line in enumerate(lines, 1) if line.strip() == "---"]
        library = _yaml()
        try:
            found = library.safe_load("\n".join(lines[marks[-1] if marks else 0 :]))
        except library.YAMLError as exc:
            if not marks:
                return {}
            name = getattr(func_or_method, "__qualname__", func_or_method)
            raise ValueError(f"The docstring of `{name}` has no YAML behind its `---`: {exc}") from exc
        return found if isinstance(found, dict) else {}

    def OpenAPIResponse(self, request: Request[Any]) -> Response:  # noqa: N802 - the documented name
        """The document of the application that the request came to, as YAML."""
        return OpenAPIResponse(self.get_schema(request.app.routes))


class SchemaGenerator(BaseSchemaGenerator):
    """Adds the operations to a document that has the rest: `{"openapi": "3.1.0", "info": {...}}`.

    Operations with an empty docstring are left out, and QUERY is where the document is not OpenAPI 3.2 or later.
    """

    def __init__(self, base_schema: dict[str, Any]) -> None:
        self.base_schema = base_schema

    def get_schema(self, routes: Iterable[BaseRoute]) -> dict[str, Any]:
        """A document of its own for each call."""
        schema = copy.deepcopy(self.base_schema)
        paths = schema.setdefault("paths", {})
        knows_query = _version_of(schema) >= (3, 2)
        for path, method, func in self.get_endpoints(routes):
            if (knows_query or method != "query") and (operation := self.parse_docstring(func)):
                paths.setdefault(path, {})[method] = operation
        return schema


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
            # A method `trace` is one like another: no endpoint class calls it for a client.
            if callable(func) and verb != "trace" and (not methods or verb in methods):
                yield verb, func


def _version_of(schema: dict[str, Any]) -> tuple[int, ...]:
    numbers = str(schema.get("openapi", "")).split(".")[:2]
    return tuple(int(number) if number.isdecimal() else 0 for number in numbers)


def _yaml() -> Any:
    if yaml is None:
        raise ImportError("PyYAML must be installed for schemas from docstrings: `pip install pyyaml`")
    return yaml
