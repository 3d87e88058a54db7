"""Pairs of OpenAPI documents: what signatures rarely say. Also what a document says in other words."""

from typing import Any, NamedTuple

import pytest

from tests.contract_diff.contracts import document, json_of, verdicts

B, C, N = "breaking", "compatible", "note"
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": TEXT}


class Row(NamedTuple):
    title: str
    before: dict[str, Any]
    after: dict[str, Any]
    verdicts: dict[str, str]


def query(schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "q", "in": "query", "schema": schema, **more}]}


def responses(*statuses: str, **contents: Any) -> dict[str, Any]:
    """Responses without a body, and with one: `_200={"text/plain": TEXT}`."""
    found: dict[str, Any] = {status: {"description": ""} for status in statuses}
    for name, content in contents.items():
        typed = {media_type: {"schema": schema} for media_type, schema in content.items()}
        found[name.removeprefix("_")] = {"description": "", "content": typed}
    return {"responses": found}


def header(**header: Any) -> dict[str, Any]:
    headers = {"X-Left": {"schema": WHOLE, **header}}
    return {"responses": {"200": {"description": "", "headers": headers}}}


def body(*media_types: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {one: {"schema": schema, **more} for one in media_types}}}


def problem(*types: str | None, status: str = "409") -> dict[str, Any]:
    def of(name: str | None) -> dict[str, Any]:
        kind = {"type": "string", "format": "uri-reference"} if name is None else {"const": name}
        return {"type": "object", "properties": {"type": kind}, "required": ["type"]}

    schema = {"anyOf": [of(name) for name in types]} if len(types) > 1 else of(types[0])
    return responses("204", **{f"_{status}": {"application/problem+json": schema}})


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH = {"type": "oauth2", "flows": {"password": {"tokenUrl": "/token", "scopes": {"read": "", "write": ""}}}}
BEARER = {"type": "http", "scheme": "bearer"}


def security(*alternatives: dict[str, list[str]], **schemes: Any) -> dict[str, Any]:
    return {"security": list(alternatives), "schemes": schemes or {"key": KEY, "oauth": OAUTH, "bearer": BEARER}}


def webhook(**operation: Any) -> dict[str, Any]:
    post = {"requestBody": json_of(WHOLE), "responses": {"204": {"description": ""}}, **operation}
    return {"webhooks": {"paid": {"post": post}}}


def callback(schema: Any) -> dict[str, Any]:
    post = {"requestBody": json_of(schema), "responses": {"204": {"description": ""}}}
    return {"callbacks": {"done": {"{$request.body#/url}": {"post": post}}}}


def form(**encoding: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    return body("multipart/form-data", schema=schema, **({"encoding": {"file": encoding}} if encoding else {}))


ROWS = [
    # parameters
    Row("a list is written in another style", query(LIST), query(LIST, explode=False), {"input-style-changed": B}),
    Row("a text has no style", query(TEXT), query(TEXT, explode=False), {}),
    Row("a parameter may no longer be empty", query(allowEmptyValue=True), query(), {"input-empty-rejected": B}),
    Row("a parameter may be empty", query(), query(allowEmptyValue=True), {"input-empty-accepted": C}),
    Row("a parameter is a text instead of a number", query(WHOLE), query(TEXT), {"input-type-added": C}),
    Row("a parameter is a number instead of a text", query(TEXT), query(WHOLE), {"input-type-removed": B}),
    Row("a parameter has a default in the contract", query(), query({**TEXT, "default": "a"}),
        {"input-default-set": N}),
    Row("a parameter has no default in the contract", query({**TEXT, "default": "a"}), query(),
        {"input-default-unset": N}),
    Row("a parameter is no longer deprecated", query(deprecated=True), query(), {"input-undeprecated": C}),
    # request bodies
    Row("a media type of bodies is new", body("text/plain"), body("text/plain", "text/csv"),
        {"body-media-type-added": C}),
    Row("a media type of bodies is gone", body("text/plain", "text/csv"), body("text/csv"),
        {"body-media-type-removed": B}),
    Row("each media type is accepted", body("image/png"), body("*/*"), {"body-media-type-added": C}),
    Row("an optional body is new", {}, body("text/plain"), {"body-added": C}),
    Row("files must be pictures", form(), form(contentType="image/png"), {"body-encoding-changed": B}),
    Row("files may be texts, too", form(contentType="image/png"), form(contentType="image/png, text/plain"), {}),
    Row("files may be anything", form(contentType="image/png"), form(), {}),
    # responses
    Row("a success status is new", responses("200"), responses("200", "202"), {"success-status-added": B}),
    Row("one of two success statuses is gone", responses("200", "202"), responses("202"),
        {"success-status-removed": C}),
    Row("another success status", responses("200"), responses("201"),
        {"success-status-added": B, "success-status-replaced": B}),
    Row("a range becomes a status", responses("2XX"), responses("200"), {}),
    Row("a status becomes a range", responses("200"), responses("2XX"), {"success-status-added": B}),
    Row("an error status is new", responses("204"), responses("204", "409"), {"error-status-added": B}),
    Row("an error status is new, where any was possible", responses("204", "default"),
        responses("204", "default", "409"), {}),
    Row("an error status is gone", responses("204", "409"), responses("204"), {"error-status-removed": C}),
    Row("an error for invalid requests is new", responses("204"), responses("204", "422"), {"request-error-added": C}),
    Row("a server error is new", responses("204"), responses("204", "503"), {"server-error-added": N}),
    Row("a response may be not modified", responses("200"), responses("200", "304"), {"conditional-status-added": C}),
    Row("a response is always modified", responses("200", "304"), responses("200"), {"conditional-status-removed": C}),
    Row("a media type is new", responses(_200={"text/plain": TEXT}),
        responses(_200={"text/plain": TEXT, "text/csv": TEXT}),
        {"response-media-type-added": C}),
    Row("a media type is gone", responses(_200={"text/plain": TEXT, "text/csv": TEXT}),
        responses(_200={"text/plain": TEXT}), {"response-media-type-removed": B}),
    Row("any media type is possible", responses(_200={"text/plain": TEXT}), responses(_200={"*/*": TEXT}),
        {"response-media-type-any": B, "response-media-type-removed": B}),
    Row("any media type becomes one", responses(_200={"*/*": TEXT}), responses(_200={"text/plain": TEXT}), {}),
    Row("a header is new", responses("200"), header(), {"response-header-added": C}),
    Row("a header is gone", header(), responses("200"), {"response-header-removed": N}),
    Row("a header that was always sent is gone", header(required=True), responses("200"),
        {"required-response-header-removed": B}),
    Row("a header is not always sent", header(required=True), header(), {"response-header-optional": B}),
    Row("a header is always sent", header(), header(required=True), {"response-header-required": C}),
    Row("a header may be a text", header(), header(schema=TEXT), {"output-type-added": B}),
    # problems
    Row("a problem type is new", problem("urn:a"), problem("urn:a", "urn:b"), {"problem-added": B}),
    Row("a problem type is gone", problem("urn:a", "urn:b"), problem("urn:a"), {"problem-removed": C}),
    Row("a problem type is listed", problem(None), problem(None, "urn:b"), {"problem-specified": C}),
    Row("a problem type is new for invalid requests", problem("urn:a", status="422"),
        problem("urn:a", "urn:b", status="422"), {"problem-added": B}),
    Row("a problem type is new for invalid requests, and a parameter", problem("urn:a", status="422"),
        {**problem("urn:a", "urn:b", status="422"), **query()}, {"input-error-added": N, "input-added": C}),
    Row("a problem type is new for bodies of other media types", problem("urn:a", status="415"),
        problem("urn:a", "urn:b", status="415"), {"request-error-added": C}),
    # security
    Row("credentials are required", security({}), security({"key": []}), {"security-added": B}),
    Row("credentials are optional", security({"key": []}), security({}, {"key": []}), {"security-removed": C}),
    Row("another way to authenticate", security({"key": []}), security({"key": []}, {"bearer": []}),
        {"security-alternative-added": C}),
    Row("a way to authenticate is gone", security({"key": []}, {"bearer": []}), security({"key": []}),
        {"security-alternative-removed": B}),
    Row("two schemes are required", security({"key": []}), security({"key": [], "bearer": []}),
        {"security-alternative-removed": B}),
    Row("one of two schemes is enough", security({"key": [], "bearer": []}), security({"key": []}),
        {"security-alternative-added": C}),
    Row("a scope is required", security({"oauth": ["read"]}), security({"oauth": ["read", "write"]}),
        {"scope-added": B}),
    Row("a scope is not required", security({"oauth": ["read", "write"]}), security({"oauth": ["read"]}),
        {"scope-removed": C}),
    Row("a key is sent elsewhere", security({"key": []}, key=KEY), security({"key": []}, key={**KEY, "in": "query"}),
        {"security-scheme-changed": B}),
    Row("a header's name in other letters", security({"key": []}, key=KEY),
        security({"key": []}, key={**KEY, "name": "x-key"}), {}),
    Row("a scheme has another name", security({"key": []}, key=KEY), security({"token": []}, token=KEY), {}),
    Row("tokens come from elsewhere", security({"oauth": []}, oauth=OAUTH),
        security({"oauth": []}, oauth={**OAUTH, "flows": {"password": {"tokenUrl": "/login", "scopes": {}}}}),
        {"security-scheme-changed": B}),
    # webhooks and callbacks
    Row("a webhook is new", {}, webhook(), {"webhook-added": C}),
    Row("a webhook is gone", webhook(), {}, {"webhook-removed": B}),
    Row("a webhook sends another body", webhook(), webhook(requestBody=json_of({"type": "number"})),
        {"output-type-added": B}),
    Row("a webhook sends no body", webhook(), webhook(requestBody=None), {"webhook-body-removed": B}),
    Row("a webhook accepts no other status",
        webhook(responses={"200": {"description": ""}, "204": {"description": ""}}),
        webhook(), {"webhook-response-removed": B}),
    Row("a webhook accepts another status", webhook(),
        webhook(responses={"200": {"description": ""}, "204": {"description": ""}}), {"webhook-response-added": C}),
    Row("a webhook has a body", webhook(requestBody=None), webhook(), {"webhook-body-added": B}),
    Row("a webhook sends another media type", webhook(),
        webhook(requestBody={**json_of(WHOLE), "content": {"text/csv": {"schema": TEXT}}}),
        {"webhook-media-type-added": B, "webhook-media-type-removed": C}),
    Row("a webhook sends a parameter", webhook(), webhook(**query()), {"webhook-input-added": C}),
    Row("a webhook does not send a parameter", webhook(**query()), webhook(), {"webhook-input-removed": B}),
    Row("a webhook does not always send a parameter", webhook(**query(required=True)), webhook(**query()),
        {"webhook-input-removed": B}),
    Row("a callback sends more", callback(WHOLE), callback({"type": "number"}), {"output-type-added": B}),
    Row("a callback sends less", callback({"type": "number"}), callback(WHOLE), {"output-type-removed": C}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_a_change_of_a_document(row: Row) -> None:
    assert verdicts(document(**row.before), document(**row.after)) == row.verdicts
