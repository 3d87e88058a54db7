"""Small contracts for tests."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from signette import App
from signette.contract.application import contract_of
from signette.contract.diff.compare import compare
from signette.contract.diff.findings import Finding
from signette.contract.document import contract_of_document
from signette.contract.model import Contract

TODAY = date(2026, 6, 1)


def document(*, schemas: Any = None, schemes: Any = None, webhooks: Any = None, **operation: Any) -> Contract:
    """The contract of an OpenAPI document with one operation, `POST /items/{id}`."""
    path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    item = {"parameters": path, "post": {"responses": {"204": {"description": ""}}, **operation}}
    return contract_of_document(
        {
            "openapi": "3.1.0",
            "info": {"title": "API", "version": "1"},
            "paths": {"/items/{id}": item},
            "webhooks": webhooks or {},
            "components": {"schemas": schemas or {}, "securitySchemes": schemes or {}},
        }
    )


def json_of(schema: Any) -> dict[str, Any]:
    """A request body or a response with a schema."""
    return {"description": "", "required": True, "content": {"application/json": {"schema": schema}}}


def with_body(schema: Any, **more: Any) -> Contract:
    """The contract of an operation that takes a body."""
    return document(requestBody=json_of(schema), **more)


def with_response(schema: Any, **more: Any) -> Contract:
    """The contract of an operation that responds with a body."""
    return document(responses={"200": json_of(schema)}, **more)


def contract(define: Callable[[App], Any], **options: Any) -> Contract:
    """The contract of an application: `define` adds its routes."""
    app = App(title="Shop", **options)
    define(app)
    return contract_of(app)


def verdicts(old: Contract, new: Contract) -> dict[str, str]:
    """The rules of all findings, and their verdicts."""
    return {finding.rule: finding.verdict for finding in findings(old, new)}


def findings(old: Any, new: Any) -> list[Finding]:
    """All findings, on a fixed day."""
    return compare(cast(Contract, old), cast(Contract, new), today=TODAY)
