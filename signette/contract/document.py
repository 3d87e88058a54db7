"""An OpenAPI document of version 3.0, 3.1 or 3.2, of any framework -> a contract."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.errors import ContractError
from signette.contract.keys import operation_key
from signette.contract.model import FORMAT, Contract, Deprecation, OperationContract
from signette.contract.parts import Parts
from signette.contract.references import items_of, members_of

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_VERSIONS = ("3.0", "3.1", "3.2")
DEPRECATED: Deprecation = {"since": None, "sunset": None, "successor": None, "docs": None}


def contract_of_document(document: Mapping[str, Any]) -> Contract:
    """The contract of an OpenAPI document. It has no WebSockets, and none of the facts that only a plan has.

    Raises:
        ContractError: the document is of another version, refers to other files, or is invalid.
    """
    _check(document)
    parts = Parts(document)
    info = members_of(document.get("info"))
    operations = {
        operation_key(method, path): made
        for path, method, made in _operations(parts, document.get("paths"))
        if not path.startswith("x-")
    }
    webhooks = {f"{method} {name}": made for name, method, made in _operations(parts, document.get("webhooks"))}
    return {
        "signette_contract": FORMAT,
        "title": str(info.get("title", "")),
        "version": str(info.get("version", "")),
        "made_from": "openapi",
        "servers": sorted({str(each.get("url", "")) for each in map(members_of, items_of(document.get("servers")))}),
        "limits": {},
        "operations": operations,
        "sockets": {},
        "webhooks": webhooks,
        "schemes": parts.used_schemes(),
        "schemas": parts.schemas.finish(),
    }


def _check(document: Any) -> None:
    if not isinstance(document, Mapping):
        raise ContractError("the document is not an object", "name a file with a contract or an OpenAPI document")
    if "swagger" in document:
        raise ContractError(
            f"the document is of Swagger {document['swagger']}",
            "convert it to OpenAPI 3, for example with swagger2openapi",
        )
    version = str(document.get("openapi", ""))
    if not version.startswith(_VERSIONS):
        problem = f"OpenAPI {version} is not supported" if version else "the document is not an OpenAPI document"
        raise ContractError(problem, f"use one of the versions {', '.join(_VERSIONS)}")


def _operations(parts: Parts, paths: Any) -> Iterator[tuple[str, str, OperationContract]]:
    """The operations of Path Item Objects: each with its path and method. Of the same operation the first counts."""
    met = set()
    for path, value in members_of(paths).items():
        item = parts.follow(value)
        for method, operation in _methods(item):
            key = operation_key(method, path)
            if key not in met:
                met.add(key)
                yield path, method, _operation(parts, path, item, members_of(operation))


def _methods(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for word, value in item.items():
        if word in _METHODS:
            yield word.upper(), value
        elif word == "additionalOperations":  # OpenAPI 3.2 §4.9
            yield from members_of(value).items()
        elif word.startswith("x-") and isinstance(value, Mapping) and "responses" in value:
            yield word[2:].upper(), value  # how signette documents other methods in 3.1


def _operation(parts: Parts, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]) -> OperationContract:
    responses, problems = parts.responses(operation.get("responses"))
    name = operation.get("operationId")
    made: OperationContract = {
        "name": name if isinstance(name, str) else None,
        "path": path,
        "deprecated": {**DEPRECATED} if operation.get("deprecated") else None,
        "inputs": parts.inputs(path, item.get("parameters"), operation.get("parameters")),
        "body": parts.body(operation.get("requestBody")),
        "responses": responses,
        "problems": problems,
        "security": parts.security(operation),
    }
    callbacks = dict(_callbacks(parts, operation.get("callbacks")))
    if callbacks:
        made["callbacks"] = callbacks
    return made


def _callbacks(parts: Parts, callbacks: Any) -> Iterator[tuple[str, OperationContract]]:
    for name, value in members_of(callbacks).items():
        for expression, method, made in _operations(parts, parts.follow(value)):
            if not expression.startswith("x-"):
                yield f"{method} {name} {expression}", made
