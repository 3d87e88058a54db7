"""A whole client module: imports, runtime, models, operations and clients."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from signette.client.generate.definitions import define, joined
from signette.client.generate.imports import import_lines
from signette.client.generate.layout import WIDTH, docstring, statement
from signette.client.generate.methods import client_source, method_name, operations_source
from signette.client.generate.operations import sent_types, typed
from signette.client.generate.runtime_source import RuntimeFile, defined_names, runtime_files, runtime_names
from signette.client.generate.scope import Scope
from signette.client.generate.values import string_source
from signette.client.operations.collection import operations_of
from signette.client.runtime.spec import OperationSpec

__all__ = ["ClientModule", "Models", "client_module", "is_same_code"]

Models = Literal["include", "import"]
# What programs use of the runtime, if the module has it.
PUBLIC = frozenset({
    "APIKey", "ArgumentError", "Authorization", "Basic", "Bearer", "BlockingHTTPTransport", "ClientError", "FileInput",
    "HTTPTransport", "MalformedEvent", "MalformedItem", "MissedEvents", "NotModified", "OAuth2Token", "PageOf",
    "Problem", "ReceivedEvent", "Reconnect", "Reply", "Retries", "SocketClosed", "SocketRejected", "UnexpectedMessage",
    "UnexpectedResponse",
})  # fmt: skip
OWN = frozenset({"AsyncClient", "Client", "OPERATIONS"})


@dataclass(frozen=True)
class ClientModule:
    """A generated module.

    Attributes:
        source: Its text.
        left_out: The operations that a client cannot call, each with the reason.
    """

    source: str
    left_out: tuple[tuple[str, str], ...]


def client_module(app: Any, models: Models = "include", *, hidden: bool = False) -> ClientModule:
    """The module with the clients of an application.

    Args:
        app: The application.
        models: "include" defines the application's models in the module; "import" imports them from their modules.
        hidden: Also write methods of operations that are not in the OpenAPI document.

    Raises:
        GenerationError: a model cannot be defined, or not be imported.
    """
    every = [each for each in operations_of(app) if hidden or each.in_schema]
    operations = sorted((each for each in every if not each.unsupported), key=lambda each: each.name)
    left_out = tuple(sorted((each.name, each.unsupported) for each in every if each.unsupported))
    title = f"{app.title} {app.version}"
    return ClientModule(_source(operations, Scope(imports_models=models == "import"), title, left_out), left_out)


def is_same_code(one: str, other: str) -> bool:
    """Whether two modules are the same but for their layout, which a formatter may have changed."""
    try:
        return one == other or _code(one) == _code(other)
    except SyntaxError:
        return False


def _code(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            node.value = "\n".join(line.strip() for line in node.value.split("\n")).strip()
    return ast.dump(tree)


def _source(operations: Sequence[OperationSpec], scope: Scope, title: str, left_out: Sequence[tuple[str, str]]) -> str:
    def printed() -> list[str]:
        return [
            operations_source(operations, scope),
            client_source(operations, scope, title, is_async=True),
            client_source(operations, scope, title, is_async=False),
        ]

    def sent() -> None:
        with scope.with_detail("wire"):
            for operation in operations:
                for location, each in sent_types(operation):
                    typed(each, scope, location)

    scope.members.update(method_name(each) for each in operations)
    definitions = define(scope, runtime_names() | OWN, printed, sent, owned=defined_names() | OWN)
    operations_text, *clients = printed()
    files = runtime_files({name for module, name in scope.imports if not module})
    imports = {pair for file in files for pair in file.imports}
    head = [
        _header(title, left_out),
        "from __future__ import annotations",
        import_lines(scope.imports | imports, scope.aliases),
        _exports(scope, files),
    ]
    body = [_runtime_section(each) for each in files]
    body += [_section([_comment("models")], joined(definitions))] if definitions else []
    body += [_section([_comment("operations")], operations_text), *clients]
    return "\n\n".join(head) + "\n\n" + "\n\n\n".join(each.strip("\n") for each in body) + "\n"


def _header(title: str, left_out: Sequence[tuple[str, str]]) -> str:
    text = (
        f"Clients of {title}, `AsyncClient` and `Client`, at the end of the file. Written by `signette client`.\n\n"
        "Do not change it: run the command again. It needs pydantic and httpx2."
    )
    if left_out:
        text += "\n\nThese operations have no method:\n" + "\n".join(f"* {name}: {reason}" for name, reason in left_out)
    return docstring(text, 0)


def _exports(scope: Scope, files: Sequence[RuntimeFile]) -> str:
    names = {name for file in files for name in file.names} & PUBLIC
    names |= {scope.names[key] for key, each in scope.definitions.items() if not isinstance(each.target, TypeVar)} | OWN
    return statement(f"__all__ = [{', '.join(string_source(each) for each in sorted(names, key=export_key))}]")


def export_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort sorts names."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _comment(text: str) -> str:
    return f"# -- {text} ".ljust(WIDTH, "-")


def _runtime_section(file: RuntimeFile) -> str:
    """A file of the runtime: its docstring as a comment, and its text."""
    doc = [f"# {line}" if line else "#" for line in file.doc.split("\n")]
    return _section([_comment("runtime"), *doc], file.body)


def _section(comments: Sequence[str], body: str) -> str:
    starts_class = body.startswith(("class ", "def ", "async def ", "@"))
    return "\n".join([*comments, *([""] if starts_class else []), "", body])
