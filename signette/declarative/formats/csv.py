"""CSV (RFC 4180): a header row with the names of the fields, and a row for each model."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeGuard

from signette.declarative.formats.base import Content, DoesNotFit, Encode, Format, ItemEncoder, Schema

# Spreadsheets run a cell that begins with one of these; the last four are their full-width forms.
FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_BOOLEANS = {True: "true", False: "false"}
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
_UNKNOWN = "the type of the values is not known, nor are the columns"
_MODELS = "return models whose fields are single values, such as `list[Row]`, or remove `CSV`"


class CSV(Format):
    """`text/csv`: a header row, and a row for each item of a list or an iterator; one row for a single model.

    The columns are the fields of the model, which must be single values. A text that a spreadsheet could run as a
    formula begins with an apostrophe, unless `escape_formulas=False`. None is an empty cell.

    Raises:
        ValueError: `delimiter` is not one character, or one that has another meaning.
    """

    media_type: ClassVar[str] = "text/csv; charset=utf-8"

    def __init__(self, *, delimiter: str = ",", escape_formulas: bool = True) -> None:
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in "\"'\r\n\0+-.":
            raise ValueError(f"`delimiter={delimiter!r}` of `CSV` must be one character, such as ';' or '\\t'")
        self.delimiter = delimiter
        self.escape_formulas = escape_formulas

    def encoder(self, content: Content) -> Encode | DoesNotFit:
        items = self._encoder(content.schema(), is_item=False)
        if isinstance(items, DoesNotFit):
            return items
        head, row = items.head, items.encode

        def encode(value: Any) -> bytes:
            rows = value if isinstance(value, list) else () if value is None else (value,)
            return head + b"".join(map(row, rows))

        return encode

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:
        return self._encoder(content.schema(), is_item=True)

    def document(self, schema: Schema, item_schema: Schema | None) -> Schema:  # noqa: ARG002 - a text has no schema
        return {"schema": {"type": "string"}}

    def _encoder(self, schema: Schema, *, is_item: bool) -> ItemEncoder | DoesNotFit:
        columns = columns_of(schema, is_item=is_item)
        if isinstance(columns, DoesNotFit):
            return columns
        write: Any = csv.writer(_Texts(), delimiter=self.delimiter).writerow
        escaped = FORMULA_STARTS if self.escape_formulas else frozenset()

        def row(cells: Iterable[Any]) -> bytes:
            # PERF: without a call for each cell; the writer converts numbers and None.
            text: str = write(
                [
                    f"'{cell}"
                    if type(cell) is str and cell[:1] in escaped
                    else _BOOLEANS[cell]
                    if type(cell) is bool
                    else cell
                    for cell in cells
                ]
            )
            return text.encode("utf-8", "replace")

        return ItemEncoder(lambda values: row(map(values.get, columns)), head=row(columns))


class _Texts:
    """A file for `csv.writer`, whose `writerow` returns what `write` returns."""

    def write(self, text: str) -> Any:
        return text


# -- columns -----------------------------------------------------------------------------------------------------------


def columns_of(schema: Schema, *, is_item: bool) -> Sequence[str] | DoesNotFit:
    """The columns of values with a JSON Schema: the properties of the objects, which must be single values.

    `is_item`: it is the schema of one row; else it may be that of a list of rows, too.
    """
    resolve = _resolver(schema.get("$defs", {}))
    columns: dict[str, None] = {}
    for row in _rows(schema, resolve, is_item=is_item):
        if isinstance(row, DoesNotFit):
            return row
        found = _columns_of_row(row, resolve)
        if isinstance(found, DoesNotFit):
            return found
        columns |= dict.fromkeys(found)
    return tuple(columns)


Resolve = Callable[[Schema], Schema]


def _resolver(definitions: Mapping[str, Schema]) -> Resolve:
    def resolve(schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        return schema

    return resolve


def _alternatives(schema: Schema, resolve: Resolve, depth: int = 0) -> Iterator[Schema]:
    """The members of unions, at any depth."""
    schema = resolve(schema)
    members = schema.get("anyOf") or schema.get("oneOf")
    if not members or depth > 9:
        yield schema
    for member in members or ():
        yield from _alternatives(member, resolve, depth + 1)


def _rows(schema: Schema, resolve: Resolve, *, is_item: bool) -> Iterable[Schema | DoesNotFit]:
    """The schemas of the rows."""
    for each in _alternatives(schema, resolve):
        if each.get("type") == "object":
            yield each
        elif each.get("type") == "array" and "items" in each and not is_item:
            yield from _rows(each["items"], resolve, is_item=True)
        elif each.get("type") != "null" or is_item:
            word = each.get("type")
            yield DoesNotFit(f"a value of the JSON type `{word}` has no columns" if word else _UNKNOWN, _MODELS)


def _columns_of_row(schema: Schema, resolve: Resolve) -> Sequence[str] | DoesNotFit:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if schema.get("additionalProperties") or not properties:
        return DoesNotFit("an object with any keys has no columns that are known before", _MODELS)
    for name, each in properties.items():
        if not all(map(_is_scalar, _alternatives(each, resolve))):
            return DoesNotFit(
                f"the field `{name}` is not a single value",
                f'return models without it, exclude it with `response_model_exclude={{"{name}"}}`, or remove `CSV`',
            )
    return tuple(properties)


def _is_scalar(schema: Schema) -> TypeGuard[Schema]:
    types = schema.get("type", [])
    if isinstance(types, str):
        return types in _SCALARS
    if types:
        return _SCALARS.issuperset(types)
    members = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return members is not None and not any(isinstance(each, list | dict) for each in members)
