"""A plan and what was said beside it -> an OpenAPI operation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.answers import Answers
from signette.declarative.openapi.body import request_body
from signette.declarative.openapi.names import in_words
from signette.declarative.openapi.parameters import parameters
from signette.declarative.openapi.schemas import Schema
from signette.declarative.openapi.security import SchemeNames, requirements
from signette.declarative.plan.steps import Plan
from signette.declarative.routing.merging import deep_merge


@dataclass(frozen=True, slots=True)
class Operations:
    """Writes the operations of one document."""

    answers: Answers
    schemes: SchemeNames

    def answered(self, route: Any, name: str, operation_id: str, renamed: Mapping[str, str]) -> Schema:
        """An operation of the application's own. `renamed` says how the document calls the pieces of its path."""
        plan: Plan = route.plan
        options = route.options
        operation = self._head(plan, options, name) | {"operationId": operation_id}
        operation |= self._asked(plan, options, renamed)
        operation["responses"] = self.answers.responses(plan, options)
        callbacks = self._callbacks(options.get("callbacks", ()))
        if callbacks:
            operation["callbacks"] = callbacks
        return _with_extra(self._secured(operation, plan, options), options)

    def outgoing(self, route: Any, operation_id: str | None = None) -> Schema:
        """An operation that somebody else answers: what is sent, and the answers that are looked for."""
        plan: Plan = route.plan
        options = route.options
        operation = self._head(plan, options, options.get("operation_id") or route.name)
        if operation_id is not None:
            operation["operationId"] = operation_id
        operation |= self._asked(plan, options, {})
        operation["responses"] = self.answers.expected(plan, options)
        return _with_extra(self._secured(operation, plan, options), options)

    def _head(self, plan: Plan, options: Mapping[str, Any], name: str) -> Schema:
        said: Schema = {}
        if options.get("tags"):
            said["tags"] = [tag_of(tag) for tag in options["tags"]]
        said["summary"] = options.get("summary") or in_words(name)
        # A form feed ends what is for the document; behind it a docstring speaks to whoever reads the code.
        description = options.get("description") or plan.docstring.partition("\f")[0].strip()
        if description:
            said["description"] = description
        return said

    def _asked(self, plan: Plan, options: Mapping[str, Any], renamed: Mapping[str, str]) -> Schema:
        asked: Schema = {"deprecated": True} if options.get("deprecated") else {}
        found = parameters(plan, self.answers.schemas, renamed)
        if found:
            asked["parameters"] = found
        body = request_body(plan, self.answers.schemas)
        if body is not None:
            asked["requestBody"] = body
        return asked

    def _secured(self, operation: Schema, plan: Plan, options: Mapping[str, Any]) -> Schema:
        # A list of choices: one more would make each weaker, so the user's own stand alone.
        if plan.security and "security" not in (options.get("openapi_extra") or {}):
            operation["security"] = requirements(plan.security, self.schemes)
        return operation

    def _callbacks(self, routes: Iterable[Any]) -> Schema:
        """Callbacks by name. They have no ids: no client calls them."""
        callbacks: Schema = {}
        for route in routes:
            if route.include_in_schema:
                path_item = callbacks.setdefault(route.name, {}).setdefault(route.path, {})
                for method in route.plan.methods:
                    self.answers.dialect.put(path_item, method, self.outgoing(route))
        return callbacks


def _with_extra(operation: Schema, options: Mapping[str, Any]) -> Schema:
    extra = options.get("openapi_extra")
    return deep_merge(operation, to_jsonable(extra)) if extra else operation


def tag_of(tag: Any) -> str:
    """A tag's text, also where it is a member of an enum."""
    return str(getattr(tag, "value", tag))
