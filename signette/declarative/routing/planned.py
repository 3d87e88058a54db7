"""Planned routes: an endpoint, its plan, and the binder that handles requests.

Theory of operation. A route does not know who serves it: one route may be in the lists of several applications, whose
limits, error formats and dependency overrides differ. So a binder belongs to a route *and* an application, and is
compiled at the first request. If one application alone serves a list of routes, the index of the list holds a
`CompiledRoute` for each route, whose `run` is the binder. In all other cases (a router that is mounted in several
applications, a route that is called without one) `run` of the route looks the binder up.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from signette._frameworks import is_own_app
from signette.applications import Application
from signette.convertors import Convertor
from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.binding.binder import BindContext, Binder, bind, generate
from signette.declarative.binding.emit_scope import ScopeKeys
from signette.declarative.binding.header_limits import limits_of
from signette.declarative.binding.route_handlers import RouteHandler, with_route_handler
from signette.declarative.binding.wrappers import (
    error_responses,
    handlers_read_body,
    in_foreign_app,
    rejection_handler,
    with_decoded_body,
    with_error_format,
    with_error_responses,
    with_undeclared_errors_logged,
    with_vary,
)
from signette.declarative.errors import base as errors
from signette.declarative.errors.base import UnknownPathParameter, UnresolvedForwardRef
from signette.declarative.inspection.option_origins import option_origins
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan, Read, ReadModel
from signette.declarative.policies.around import with_policies
from signette.declarative.routing.applied_stacks import AppliedStacks, applied_stacks
from signette.declarative.routing.direct_calls import has_usual_call
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_options
from signette.declarative.routing.options import FROM_ROUTERS, RouteOptions
from signette.declarative.routing.outer_path import (
    below,
    check_below_any_path,
    is_part_of,
    with_outer_values,
    without_outer_values,
)
from signette.declarative.routing.route_attributes import PlannedAttributes
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.signature.annotations import class_of, item_type, union_members
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.operation_limits import OperationLimits, operation_limits, own_limits
from signette.direct import DirectStack
from signette.limits import Limits, max_body_size_of
from signette.routing.matching import read_template

# Made again after unpickling.
_DERIVED = ("_plan", "_binders", "_route_handler", "enforces_limits")


class _NoApplication:
    """The key for the binder of a route that is called without an application."""


class PlannedRoute(PlannedAttributes):
    """The base of routes for HTTP and WebSockets: an endpoint, its plan, and a binder per application."""

    path: str
    name: str
    endpoint: Any
    options: RouteOptions
    outer: tuple[Dependency, ...]
    """Dependencies of the router or application; those of the route are in the options."""
    stacks: tuple[RouterStack, ...] = ()
    """Middleware and exception handlers of the routers that the route is included by, the outermost first."""
    source: Endpoint
    _plan: Plan | None = None

    @cached_property
    def _binders(self) -> "WeakKeyDictionary[Any, Binder]":
        return WeakKeyDictionary()

    @cached_property
    def _route_handler(self) -> RouteHandler | None:
        """The handler of a subclass that overrides `get_route_handler`."""
        return None

    def _read(self, path: str) -> None:
        """Read the path template. It may be empty for a route whose router is included below a prefix."""
        route: Any = super()
        if path:
            route._read(path)
        else:
            route._set_template(read_template(""))

    def _compile(self, source: Endpoint) -> None:
        """Make the plan, so that errors are raised where the route is created. `resolve` waits for undefined names."""
        self.source = source
        if unknown := source.options.keys() - RouteOptions.__annotations__.keys() - FROM_ROUTERS:
            raise errors.unknown_option(location_of(source.function), min(unknown), RouteOptions.__annotations__)
        check_options(source.options, source.function)
        try:
            self._plan = plan_endpoint(source)
        except UnresolvedForwardRef:
            self._plan = None
        except UnknownPathParameter as error:
            check_below_any_path(source, error)
            self._plan = None

    @property
    def plan(self) -> Plan:
        """The plan of the endpoint.

        Raises SignatureError for an annotation with an undefined name, and for a `Path()` that is in no path.
        """
        self.resolve()
        assert self._plan is not None
        return self._plan

    def resolve(self, outer_path: Mapping[str, Convertor[Any]] | None = None) -> None:
        """Make the plan if an annotation had an undefined name before, or a path parameter is one of `outer_path`.

        Raises SignatureError.
        """
        if outer_path is not None and not is_part_of(self.source.outer_path, outer_path):
            self._plan = None
            self.forget_binders()
        if self._plan is None:
            if outer_path is not None:
                self.source = below(self.source, outer_path)
            self._plan = plan_endpoint(self.source)

    def plan_under(self, overrides: Mapping[Any, Any]) -> Plan:
        """The plan with dependency overrides."""
        return plan_endpoint(replace(self.source, overrides=dict(overrides))) if overrides else self.plan

    def explain(self, source: bool = False) -> str:
        """Describe how a request is handled, step by step; `source=True` adds the source of the generated binder."""
        from signette.declarative.inspection.explain import explain_plan  # noqa: PLC0415 - see `explain` of an application

        around = [line for stack in self.stacks for line in stack.lines()]
        text = explain_plan(self.plan, tuple(option_origins(self.options)), around)
        return f"{text}\n\n{generate(self.plan, self._bind_context(None)).source}" if source else text

    @property
    def documented_options(self) -> RouteOptions:
        """The options for the OpenAPI document: with the responses that exception handlers of routers declare."""
        responses: dict[Any, Any] = {}
        for stack in self.stacks:
            responses |= stack.responses
        options = self.options
        return merge_options({"responses": responses}, options) if responses else options

    @property
    def tags(self) -> list[str]:
        """The tags of the operation."""
        return list(self.options.get("tags") or ())

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        self.options["tags"] = tags

    @property
    def secret_query_names(self) -> list[str]:
        """The query parameters that traces must not show: API keys, and parameters of a secret type."""
        about = [scheme.security_scheme for scheme, _ in self.plan.security]
        keys = [each.get("name") for each in about if each.get("type") == "apiKey" and each.get("in") == "query"]
        names = [name for read in self.plan.reads if read.source.place == "query" for name in _secrets_of(read)]
        return [name for name in (*keys, *names) if name]

    def binder_for(self, app: Any) -> Callable[..., Awaitable[None]]:
        """The binder for an application, or for none; compiled at the first call."""
        key = _NoApplication if app is None else app
        binder = self._binders.get(key)
        if binder is None:
            binder = self._binders[key] = self._compile_binder(app)
        return binder

    def forget_binders(self) -> None:
        """Drop the binders: overrides have changed."""
        self._binders.clear()

    def limits_in(self, app: Any) -> OperationLimits:
        """The limits of requests to the operation in an application: its own ones, and those of the application."""
        app_limits: Limits = getattr(app, "limits", None) or Limits()
        if (max_body_size := getattr(app, "max_body_size", None)) is not None:
            app_limits = replace(app_limits, body_bytes=max_body_size_of("the application", max_body_size))
        own = own_limits(self.options.get("max_body_size"), self.options.get("form_limits"))
        return operation_limits(app_limits, own)

    def _bind_context(self, app: Any) -> BindContext:
        limits = self.limits_in(app)
        strict = self.options.get("strict_content_type", True)
        error_format = self.options.get("errors") or getattr(app, "errors", None)
        detailed = getattr(error_format, "needs_details", False)
        if self._route_handler is not None:  # it may catch errors, so these are raised
            return BindContext(limits, self._scope_keys(), None, strict, detailed, has_own_handler=True)
        stacks = self._applied_stacks(app)
        if stacks is None:
            handler, reads_body = rejection_handler(app, self.options.get("errors")), handlers_read_body(app)
        else:
            handler = stacks.rejection_handler()
            reads_body = handlers_read_body(app) or stacks.handlers_read_body()
        return BindContext(
            limits, self._scope_keys(), handler, strict, detailed, keeps_body=reads_body, header_limits=limits_of(app)
        )

    def _applied_stacks(self, app: Any) -> AppliedStacks | None:
        """The middleware and exception handlers of routers that the route has in an application."""
        return applied_stacks(self.stacks, app, self.options.get("errors"))

    def _scope_keys(self) -> ScopeKeys | None:
        """The keys that the binder adds to the scope."""
        route: Any = self
        return ScopeKeys(
            self, self.endpoint, route._conversions, without_outer_values(route.populate_scope, self.source)
        )

    def _compile_binder(self, app: Any) -> Binder:
        plan, context = self.plan_under(getattr(app, "dependency_overrides", {})), self._bind_context(app)
        if self._runs_directly(plan, app):
            return bind(plan, replace(context, runs_directly=True))
        binder = bind(plan, context)
        if getattr(app, "debug", False) and not self.plan.socket:
            binder = with_undeclared_errors_logged(binder, self.plan, self.options.get("responses") or {})
        if self._route_handler is not None:
            route: Any = self
            populate_scope = without_outer_values(route.populate_scope, self.source)
            binder = with_route_handler(binder, self._route_handler, populate_scope, self.plan)
        error_format, stacks = self.options.get("errors"), self._applied_stacks(app)
        if any(each.applies for each in plan.policies):
            respond = error_responses(app, error_format) if stacks is None else stacks.handlers.handle
            binder = with_policies(binder, plan, app, respond, context.limits.body_bytes)
        elif stacks is not None:
            pass  # they handle exceptions, with those handlers that the others would use
        elif plan.reply.negotiation is not None:
            binder = with_error_responses(binder, error_responses(app, error_format))
        elif app is not None and not is_own_app(app):
            binder = in_foreign_app(binder, error_format)
        elif error_format is not None:
            binder = with_error_format(binder, error_format, app)
        binder = with_outer_values(binder, self.source)
        if stacks is not None:
            templated: Any = self
            binder = stacks.around(binder, templated.populate_scope)
        encodings = self.options.get("request_encodings")
        if plan.request_encodings or (encodings is not None and not plan.socket and self._decodes(encodings)):
            binder = with_decoded_body(binder, tuple(encodings or ()), context.limits)
        return binder if plan.reply.negotiation is None else with_vary(binder)

    def _runs_directly(self, plan: Plan, app: Any) -> bool:
        """Whether an application may call the binder with nothing between them, not even its exception handling."""
        if not isinstance(app, Application) or not isinstance(app.middleware_stack, DirectStack | None) or app.debug:
            return False
        if not has_usual_call(app):
            return False
        wraps_plan = plan.socket or plan.reply.negotiation is not None or any(each.applies for each in plan.policies)
        wraps_route = self._route_handler is not None or bool(self.source.outer_path) or bool(self.stacks)
        return not wraps_plan and not wraps_route and not self.options.keys() & {"errors", "request_encodings"}

    def _decodes(self, encodings: Sequence[str]) -> bool:
        """Whether a route whose plan reads no body needs the option: to switch an outer one off, or for its handler."""
        return not encodings or self._route_handler is not None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _DERIVED}


def _secrets_of(read: Read | ReadModel) -> list[str]:
    """The names of parameters or fields of a secret type (pydantic's `SecretStr`)."""
    if isinstance(read, Read):
        return [*read.keys] if _is_secret(read.annotation) else []
    fields = [each for each in fields_of_all(read.annotation) if _is_secret(each.annotation)]
    return [name for each in fields for name in (*each.aliases, each.name)]


def _is_secret(annotation: Any) -> bool:
    members = (*union_members(annotation), *union_members(item_type(annotation)))
    return any(hasattr(class_of(each), "get_secret_value") for each in members)
