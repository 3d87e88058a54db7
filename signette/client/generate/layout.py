"""Expressions and statements as lines of at most 120 columns, in the style of ruff's formatter."""

import ast
from collections.abc import Sequence

from signette.client.generate.values import string_source

__all__ = ["WIDTH", "annotated_line", "docstring", "statement"]

WIDTH = 120
STEP = 4


def statement(source: str, indent: int = 0) -> str:
    """A statement, split at its brackets where it is too long: an assignment, a call, a `def` without its body."""
    node = ast.parse(source).body[0]
    before = " " * indent
    match node:
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            return annotated_line(flat(target), annotation, value, indent)
        case ast.Assign(targets=[target], value=value):
            start = f"{before}{flat(target)} = "
            return start + split(value, indent, len(start), 0)
        case ast.Expr(value=value):
            return before + split(value, indent, indent, 0)
    raise ValueError(f"{type(node).__name__} has no layout")


def annotated_line(target: str, annotation: ast.expr, value: ast.expr | None, indent: int) -> str:
    """`target: annotation = value`."""
    start = f"{' ' * indent}{target}: "
    end = "" if value is None else f" = {flat(value)}"
    line = start + flat(annotation) + end
    if len(line) <= WIDTH:
        return line
    if value is not None and len(start + flat(annotation)) + len(" = (") <= WIDTH:
        start += f"{flat(annotation)} = "
        if _is_bracketed(value):
            return start + split(value, indent, len(start), 0)
        inner = " " * (indent + STEP)
        return f"{start}(\n{inner}{flat(value)}\n{' ' * indent})"
    return start + split(annotation, indent, len(start), len(end)) + end


def split(node: ast.expr, indent: int, before: int, after: int) -> str:
    """The expression, which starts at the column `before` of a line and is followed by `after` columns."""
    text = flat(node)
    if before + len(text) + after <= WIDTH:
        return text
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if args or keywords:
            parts = [("", each) for each in args]
            parts += [(f"{each.arg}=" if each.arg else "**", each.value) for each in keywords]
            return f"{flat(func)}({_items(parts, indent)})"
        case ast.Subscript(value=value, slice=ast.Tuple(elts=elts)) if elts:
            return f"{flat(value)}[{_items([('', each) for each in elts], indent)}]"
        case ast.Subscript(value=value, slice=inner):
            return f"{flat(value)}[{_items([('', inner)], indent, comma=False)}]"
        case ast.List(elts=elts) if elts:
            return f"[{_items([('', each) for each in elts], indent, is_display=True)}]"
        case ast.Set(elts=elts):
            return f"{{{_items([('', each) for each in elts], indent, is_display=True)}}}"
        case ast.Tuple(elts=elts) if elts:
            return f"({_items([('', each) for each in elts], indent, is_display=True)})"
        case ast.Dict(keys=keys, values=values) if keys:
            pairs = [(f"{flat(key)}: ", value) for key, value in zip(keys, values, strict=True) if key is not None]
            return f"{{{_items(pairs, indent, is_display=True)}}}"
        case ast.Await(value=value):
            return f"await {split(value, indent, before + len('await '), after)}"
        case ast.BinOp():
            return _operands(node, indent) if before == indent else _in_parentheses(node, indent)
    return text


def _in_parentheses(node: ast.BinOp, indent: int) -> str:
    """A long union of an annotation, in its own brackets."""
    deeper = indent + STEP
    text = flat(node)
    inside = text if deeper + len(text) <= WIDTH else _operands(node, deeper)
    return f"(\n{' ' * deeper}{inside}\n{' ' * indent})"


def _operands(node: ast.BinOp, indent: int) -> str:
    """One member of a union a line."""
    first, *others = _members(node)
    lines = [split(first, indent, indent, 0), *(f"| {split(each, indent, indent + 2, 0)}" for each in others)]
    return f"\n{' ' * indent}".join(lines)


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), node.right]
    return [node]


def _items(parts: Sequence[tuple[str, ast.expr]], indent: int, *, comma: bool = True, is_display: bool = False) -> str:
    """The inside of brackets on their own lines: one line if it fits, else one for each item.

    A display, such as that of a list, always has a line for each item.
    """
    deeper = indent + STEP
    inner = " " * deeper
    flat_items = ", ".join(start + flat(each) for start, each in parts)
    if deeper + len(flat_items) <= WIDTH and not is_display:
        return f"\n{inner}{flat_items}\n{' ' * indent}"
    end = "," if comma else ""
    lines = [inner + start + split(each, deeper, deeper + len(start), len(end)) + end for start, each in parts]
    return "\n" + "\n".join(lines) + f"\n{' ' * indent}"


def _is_bracketed(node: ast.expr) -> bool:
    return isinstance(node, ast.Await | ast.Call | ast.Subscript | ast.List | ast.Set | ast.Tuple | ast.Dict)


def flat(node: ast.expr) -> str:
    """The expression in one line."""
    match node:
        case ast.Constant(value=str() | bytes() as value):
            return string_source(value)
        case ast.Attribute(value=value, attr=attr):
            return f"{flat(value)}.{attr}"
        case ast.Call(func=func, args=args, keywords=keywords):
            parts = [flat(each) for each in args]
            parts += [(f"{each.arg}=" if each.arg else "**") + flat(each.value) for each in keywords]
            return f"{flat(func)}({', '.join(parts)})"
        case ast.Subscript(value=value, slice=ast.Tuple(elts=elts)) if elts:
            return f"{flat(value)}[{', '.join(map(flat, elts))}{',' if len(elts) == 1 else ''}]"
        case ast.Subscript(value=value, slice=inner):
            return f"{flat(value)}[{flat(inner)}]"
        case ast.List() | ast.Set() | ast.Tuple() | ast.Dict():
            return _flat_display(node)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return f"{flat(left)} | {flat(right)}"
        case ast.Await(value=value):
            return f"await {flat(value)}"
        case ast.Lambda(body=body):
            return f"lambda: {flat(body)}"
    return ast.unparse(node)


def _flat_display(node: ast.List | ast.Set | ast.Tuple | ast.Dict) -> str:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return f"{{{', '.join(f'{flat(key)}: {flat(value)}' for key, value in pairs if key is not None)}}}"
    items = ", ".join(map(flat, node.elts))
    if isinstance(node, ast.Tuple):
        return f"({items}{',' if len(node.elts) == 1 else ''})"
    return f"[{items}]" if isinstance(node, ast.List) else f"{{{items}}}"


def docstring(text: str, indent: int) -> str:
    """A docstring of cleaned text, with its quotes."""
    before = " " * indent
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    escaped = "".join(each if each == "\n" or each.isprintable() else repr(each)[1:-1] for each in escaped)
    lines = [before + line if line.strip() else "" for line in escaped.split("\n")]
    # Spaces at the end are kept: they are in the description of a JSON Schema.
    body = "\n".join(lines).lstrip().rstrip("\n")
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    return f'{before}"""{body}{chr(10) + before if len(lines) > 1 else ""}"""'
