"""The classes of a generated module: `AsyncClient` and `Client`, with a method for each operation."""

import keyword
import re
from collections.abc import Sequence

from signette.client.generate.layout import WIDTH, docstring, statement
from signette.client.generate.operations import MAKERS, WRITERS, argument_source, result_of, spec_source
from signette.client.generate.runtime_source import members_of
from signette.client.generate.scope import Scope
from signette.client.generate.values import string_source
from signette.client.runtime.spec import OperationSpec

__all__ = ["client_source", "method_name", "operations_source"]

CLASSES = ("ClientOptions", "BaseAsyncClient", "BaseClient")
TAKEN = frozenset(dir(object))


def method_name(operation: OperationSpec) -> str:
    """The name of the method of an operation: a name in Python that the client does not have itself."""
    name = re.sub(r"\W", "_", operation.name)
    if not name or name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN or name in members_of(CLASSES) else name


def operations_source(operations: Sequence[OperationSpec], scope: Scope) -> str:
    """`OPERATIONS`: what the clients know of each operation."""
    items = ", ".join(f"{string_source(method_name(each))}: {spec_source(each, scope)}" for each in operations)
    return (
        statement(f"OPERATIONS: dict[str, OperationSpec] = {{{items}}}")
        if operations
        else ("OPERATIONS: dict[str, OperationSpec] = {}")
    )


def client_source(operations: Sequence[OperationSpec], scope: Scope, title: str, *, is_async: bool) -> str:
    """A client with a method for each operation."""
    name, base = ("AsyncClient", "BaseAsyncClient") if is_async else ("Client", "BaseClient")
    scope.imported("", base)
    example = f"`{'await ' if is_async else ''}client.{method_name(operations[0])}(...)`" if operations else "nothing"
    doc = f"Calls the operations of {title}: {example}.{'' if is_async else ' As `AsyncClient`, without `async`.'}"
    lines = [f"class {name}({base}):", docstring(doc, 4), "", "    operations = OPERATIONS"]
    lines += _parts(operations, scope, is_async=is_async)
    text = "\n".join(lines)
    for each in operations:
        text += "\n\n" + _method(each, scope, is_async=is_async)
    return text + "\n"


def _parts(operations: Sequence[OperationSpec], scope: Scope, *, is_async: bool) -> list[str]:
    """The parts of the runtime that the operations need."""
    kinds = {each.kind for operation in operations for each in operation.results if each.kind in MAKERS}
    bodies = {each.body.kind for each in operations if each.body is not None and each.body.kind in WRITERS}
    makers = ", ".join(
        f"{string_source(kind)}: {scope.imported('', MAKERS[kind][0 if is_async else 1])}" for kind in sorted(kinds)
    )
    writers = ", ".join(f"{string_source(kind)}: {scope.imported('', WRITERS[kind])}" for kind in sorted(bodies))
    constant, mapping = scope.imported("typing", "ClassVar"), scope.imported("collections.abc", "Mapping")
    lines = []
    if makers:
        types = f"{scope.imported('', 'ResultKind')}, {scope.imported('', 'ResultMaker')}"
        lines.append(statement(f"makers: {constant}[{mapping}[{types}]] = {{{makers}}}", 4))
    if writers:
        types = f"{scope.imported('', 'BodyKind')}, {scope.imported('typing', 'Any')}"
        lines.append(statement(f"writers: {constant}[{mapping}[{types}]] = {{{writers}}}", 4))
    return lines


def _method(operation: OperationSpec, scope: Scope, *, is_async: bool) -> str:
    result = result_of(operation, scope, is_async=is_async)
    word = "async def" if is_async and result.is_awaited else "def"
    parameters = [argument_source(operation, each, scope, is_async=is_async) for each in operation.arguments]
    head = _head(f"    {word} {method_name(operation)}", parameters, result.type)
    if operation.is_deprecated:
        decorator = scope.imported("typing_extensions", "deprecated")
        head = f"    @{decorator}({string_source(f'`{method_name(operation)}` is deprecated')})\n{head}"
    names = [each.argument for each in operation.arguments]
    pairs = ", ".join(f"{string_source(name)}: {'self_' if name == 'self' else name}" for name in names)
    wait = "await " if is_async and result.is_awaited else ""
    call = f"self._call({string_source(method_name(operation))}, {{{pairs}}})"
    if result.type == "None":
        body = statement(f"{wait}{call}", 8)
    else:
        body = statement(f"result: {result.type} = {wait}{call}", 8) + "\n        return result"
    return f"{head}\n{docstring(_doc(operation), 8)}\n{body}"


def _head(start: str, parameters: Sequence[str], result: str) -> str:
    """The `def` line, split at its parameters where it is too long."""
    star = ["*", *parameters] if parameters else []
    line = f"{start}({', '.join(['self', *star])}) -> {result}:"
    if len(line) <= WIDTH:
        return line
    inner = " " * 8 + ", ".join(["self", *star])
    if len(inner) <= WIDTH:
        return f"{start}(\n{inner}\n    ) -> {result}:"
    lines = "".join(f"        {each},\n" for each in ["self", *star])
    return f"{start}(\n{lines}    ) -> {result}:"


def _doc(operation: OperationSpec) -> str:
    doc = operation.doc or f"{operation.method} {operation.path}"
    arguments = [(each.argument, each.doc) for each in operation.arguments if each.doc]
    if arguments:
        doc += "\n\nArgs:\n" + "\n".join(f"    {name}: {_on_one_line(text)}" for name, text in arguments)
    raised = [each for each in operation.problems if not each.is_returned]
    if raised:
        lines = (
            f"    {each.cls.__name__}: {_on_one_line((each.cls.__doc__ or '').strip().partition(chr(10))[0])}"
            for each in raised
        )
        doc += "\n\nRaises:\n" + "\n".join(line.rstrip(": ") for line in sorted(set(lines)))
    return doc


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
