"""What tools read from the routes of an application: options, the result, and the parameters of the endpoint."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Plan
from signette.declarative.returns.response import is_response
from signette.declarative.routing.options import RouteOptions
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import MISSING
from signette.responses.plain import JSONResponse

if TYPE_CHECKING:
    from signette.declarative.inspection.dependant import Dependant

Value = TypeVar("Value")


class DocumentOption(Generic[Value]):
    """An option of a route that only the OpenAPI document reads, as an attribute that can be set."""

    def __init__(self, default: Value) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, route: None, owner: type) -> Self: ...
    @overload
    def __get__(self, route: "PlannedAttributes", owner: type) -> Value: ...
    def __get__(self, route: "PlannedAttributes | None", owner: type) -> Self | Value:
        if route is None:
            return self
        options: Mapping[str, Any] = route.options
        value: Value | None = options.get(self._name)
        return self._default if value is None else value

    def __set__(self, route: "PlannedAttributes", value: Value) -> None:
        options: Any = route.options
        options[self._name] = value


class PlannedAttributes:
    """Attributes of routes for HTTP and WebSockets. They are computed when they are read."""

    options: RouteOptions
    source: Endpoint
    name: str

    @property
    def plan(self) -> Plan:
        """The plan of the endpoint."""
        raise NotImplementedError

    @property
    def dependencies(self) -> list[Dependency]:
        """The dependencies without a parameter: those of the application and the routers, then those of the route."""
        return list(self.source.dependencies)

    @property
    def dependant(self) -> "Dependant":
        """The parameters of the endpoint and of its dependencies, as a tree."""
        from signette.declarative.inspection.dependant import dependant_of  # noqa: PLC0415 - few ask for it

        return dependant_of(self.plan)


class RouteAttributes(PlannedAttributes):
    """Attributes of HTTP routes. You may set those that only the OpenAPI document uses, before it is made."""

    summary = DocumentOption[str | None](None)
    operation_id = DocumentOption[str | None](None)
    response_description = DocumentOption[str]("Successful Response")
    openapi_extra = DocumentOption[Mapping[str, Any] | None](None)
    generate_unique_id_function = DocumentOption[Callable[[Any], str] | None](None)

    @property
    def unique_id(self) -> str:
        """The preferred operation id: `operation_id`, the result of `generate_unique_id_function`, or the name."""
        make = self.generate_unique_id_function
        return str(self.operation_id or (self.name if make is None else make(self)))

    @property
    def deprecated(self) -> bool | None:
        """Whether the operation is deprecated: the option, or a `Deprecated` policy; None if neither is declared."""
        if any(each.documentation.deprecated for each in self.plan.policies):
            return True
        deprecated: Any = self.options.get("deprecated")
        return deprecated if deprecated is None else bool(deprecated)

    @deprecated.setter
    def deprecated(self, deprecated: bool | None) -> None:
        options: Any = self.options
        options["deprecated"] = deprecated

    @property
    def description(self) -> str:
        """The description: the option, or the docstring of the endpoint."""
        return self.options.get("description") or self.plan.docstring.partition("\f")[0].strip()

    @description.setter
    def description(self, text: str) -> None:
        self.options["description"] = text

    @property
    def responses(self) -> dict[Any, Any]:
        """The additional responses for the OpenAPI document."""
        return dict(self.options.get("responses") or {})

    @responses.setter
    def responses(self, responses: Mapping[Any, Any]) -> None:
        self.options["responses"] = responses

    @property
    def callbacks(self) -> list[Any]:
        """The callbacks for the OpenAPI document."""
        return list(self.options.get("callbacks") or ())

    @property
    def status_code(self) -> int | None:
        """The status of the route; None: the default of its result."""
        return self.options.get("status_code")

    @property
    def response_model(self) -> Any:
        """The type of results: the option, or the return annotation; None if there is no type, or it is a response."""
        annotation = self.plan.reply.annotation
        return None if annotation is MISSING or is_response(annotation) else annotation

    @property
    def response_class(self) -> type[Any]:
        """The response class of results."""
        cls: type[Any] | None = self.plan.reply.response_class
        return JSONResponse if cls is None else cls

    @property
    def response_model_include(self) -> Any:
        """The fields of results to include; None: all."""
        return self.options.get("response_model_include")

    @property
    def response_model_exclude(self) -> Any:
        """The fields of results to exclude."""
        return self.options.get("response_model_exclude")

    @property
    def response_model_by_alias(self) -> bool:
        """Whether fields are sent by their aliases."""
        return self.options.get("response_model_by_alias", True)

    @property
    def response_model_exclude_unset(self) -> bool:
        """Whether fields that were not set are excluded."""
        return self.options.get("response_model_exclude_unset", False)

    @property
    def response_model_exclude_defaults(self) -> bool:
        """Whether fields with their default are excluded."""
        return self.options.get("response_model_exclude_defaults", False)

    @property
    def response_model_exclude_none(self) -> bool:
        """Whether fields that are None are excluded."""
        return self.options.get("response_model_exclude_none", False)
