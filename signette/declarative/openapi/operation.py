"""A plan and its route options -> an OpenAPI operation."""

from collections.abc import Iterable, Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.body import request_body
from signette.declarative.openapi.conditional import plan_of_method
from signette.declarative.openapi.names import in_words
from signette.declarative.openapi.parameters import parameters
from signette.declarative.openapi.responses import Responses
from signette.declarative.openapi.schemas import Schema
from signette.declarative.openapi.security import SchemeNames, requirements
from signette.declarative.plan.steps import Plan
from signette.declarative.routing.merging import deep_merge


@dataclass(frozen=True, slots=True)
class Operations:
    """Writes the operations of a document."""

    responses: Responses
    schemes: SchemeNames

    def incoming(self, route: Any, method: str, operation_id: str, renamed: Mapping[str, str]) -> Schema:
        """An operation of the application. `renamed`: names of path parameters in the document."""
        plan = plan_of_method(route.plan, method)
        options = route.documented_options
        operation = self._head(plan, options, route.name) | {"operationId": operation_id}
        operation |= self._request(plan, options, renamed)
        operation["responses"] = self.responses.responses(plan, options)
        if "version" in options:
            operation["x-api-version"] = options["version"]
        callbacks = self._callbacks(options.get("callbacks", ()))
        if callbacks:
            operation["callbacks"] = callbacks
        return _with_extra(self._secured(operation, plan, options), options)

    def outgoing(self, route: Any, operation_id: str | None = None) -> Schema:
        """A webhook or callback: the request that the application sends, and the responses that it expects."""
        plan: Plan = route.plan
        options = route.options
        operation = self._head(plan, options, route.name)
        if operation_id is not None:
            operation["operationId"] = operation_id
        operation |= self._request(plan, options, {})
        operation["responses"] = self.responses.expected(plan, options)
        return _with_extra(self._secured(operation, plan, options), options)

    def _head(self, plan: Plan, options: Mapping[str, Any], name: str) -> Schema:
        head: Schema = {}
        if options.get("tags"):
            head["tags"] = [tag_of(tag) for tag in options["tags"]]
        head["summary"] = options.get("summary") or in_words(name)
        # The part of a docstring after a form feed is for readers of the code only.
        description = options.get("description") or plan.docstring.partition("\f")[0].strip()
        if description:
            head["description"] = description
        return head

    def _request(self, plan: Plan, options: Mapping[str, Any], renamed: Mapping[str, str]) -> Schema:
        deprecated = options.get("deprecated") or any(each.documentation.deprecated for each in plan.policies)
        request: Schema = {"deprecated": True} if deprecated else {}
        found = parameters(plan, self.responses.schemas, renamed)
        if found:
            request["parameters"] = found
        body = request_body(plan, self.responses.schemas, self.responses.dialect)
        if body is not None:
            request["requestBody"] = body
        return request

    def _secured(self, operation: Schema, plan: Plan, options: Mapping[str, Any]) -> Schema:
        # `security` is a list of alternatives: merging would weaken what the user sets, so that replaces it.
        if plan.security and "security" not in (options.get("openapi_extra") or {}):
            operation["security"] = requirements(plan.security, self.schemes)
        return operation

    def _callbacks(self, routes: Iterable[Any]) -> Schema:
        """Callbacks by name. They have no operation ids, as no client calls them."""
        callbacks: Schema = {}
        for route in routes:
            if route.include_in_schema:
                path_item = callbacks.setdefault(route.name, {}).setdefault(route.path, {})
                for method in route.plan.methods:
                    self.responses.dialect.put(path_item, method, self.outgoing(route))
        return callbacks


def _with_extra(operation: Schema, options: Mapping[str, Any]) -> Schema:
    extra = options.get("openapi_extra")
    return deep_merge(operation, to_jsonable(extra)) if extra else operation


def tag_of(tag: Any) -> str:
    """The name of a tag, which may be a member of an enum."""
    return str(getattr(tag, "value", tag))
