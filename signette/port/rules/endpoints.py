"""Rules for the return annotations of endpoints."""

from collections.abc import Callable

import libcst as cst

from signette.port.rules.rule import Rule, View, keywords, text_of

VERBS = {"get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route"}
STREAMS = {"AsyncIterator", "AsyncIterable", "AsyncGenerator", "Iterator", "Iterable", "Generator"}


def route_of(function: cst.FunctionDef) -> cst.Call | None:
    """The decorator `@app.get("/path")` of an endpoint."""
    for decorator in function.decorators:
        call = decorator.decorator
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value in VERBS:
            path = call.args[0].value if call.args and not call.args[0].keyword else keywords(call).get("path")
            text = text_of(path)
            if text is not None and (not text or text.startswith("/")):
                return call
    return None


def returns(*names: str, unless: tuple[str, ...] = ()) -> Callable[[cst.FunctionDef, View], bool]:
    """Match endpoints annotated with one of these types, but for routes with one of the options `unless`."""

    def matches(function: cst.FunctionDef, view: View) -> bool:
        if function.returns is None or (call := route_of(function)) is None or keywords(call).keys() & set(unless):
            return False
        annotation = function.returns.annotation
        return bool(_names(annotation, view) & set(names))

    return matches


def _names(annotation: cst.BaseExpression, view: View) -> set[str]:
    known = view.qualified(annotation)
    return {"None"} if isinstance(annotation, cst.Name) and annotation.value == "None" else known


def _streams_text(function: cst.FunctionDef, view: View) -> bool:
    if function.returns is None or route_of(function) is None:
        return False
    annotation = function.returns.annotation
    if not isinstance(annotation, cst.Subscript) or not isinstance(annotation.slice[0].slice, cst.Index):
        return False
    outer = {dotted.rpartition(".")[2] for dotted in view.qualified(annotation.value)}
    items = view.qualified(annotation.slice[0].slice.value)
    return bool(outer & STREAMS and items & {"builtins.str", "builtins.bytes"})


def _returns_others(function: cst.FunctionDef, view: View) -> bool:
    """`-> None` with `return value`, and `-> Response` with `return {...}`."""
    if function.returns is None or (call := route_of(function)) is None or keywords(call).keys() & set(OPTIONS):
        return False
    annotation = function.returns.annotation
    values = [node.value for node in view.tree.all(cst.Return) if view.function_of(node) is function and node.value]
    if _names(annotation, view) == {"None"}:
        return any(not (isinstance(value, cst.Name) and value.value == "None") for value in values)
    return view.name_of(annotation) == "Response" and any(isinstance(value, LITERALS) for value in values)


LITERALS = (cst.Dict, cst.List, cst.SimpleString, cst.FormattedString, cst.DictComp, cst.ListComp)
OPTIONS = ("response_model", "response_class")
FOR_JSON = "for JSON, set `response_class=JSONResponse`, or `App(default_response_class=JSONResponse)` for all routes"

RULES = (
    Rule(
        "none-is-204",
        "None",
        "an endpoint with `-> None` sends a 204; FastAPI sends a 200 with `null`",
        "for `null`, set `default_response_class=JSONResponse` or remove the annotation; for an empty 200, set"
        " `status_code=200`",
        (cst.FunctionDef,),
        returns("None", unless=(*OPTIONS, "status_code")),
    ),
    Rule(
        "other-result",
        "other_results",
        "an endpoint with `-> None` or `-> Response` returns another value, which is a 500; FastAPI sends it as JSON",
        "remove or fix the annotation",
        (cst.FunctionDef,),
        _returns_others,
    ),
    Rule(
        "str-is-text",
        "texts",
        "an endpoint with `-> str` sends `text/plain`; FastAPI sends a JSON string",
        FOR_JSON,
        (cst.FunctionDef,),
        returns("builtins.str", unless=OPTIONS),
    ),
    Rule(
        "bytes-are-binary",
        "bytes",
        "an endpoint with `-> bytes` sends `application/octet-stream`; FastAPI sends a JSON string",
        FOR_JSON,
        (cst.FunctionDef,),
        returns("builtins.bytes", unless=OPTIONS),
    ),
    Rule(
        "path-is-file",
        "files",
        "an endpoint with `-> Path` sends the file at that path; FastAPI sends the path as JSON",
        "for the path as JSON, return `str(path)`, or set `response_class=JSONResponse`",
        (cst.FunctionDef,),
        returns("pathlib.Path", unless=OPTIONS),
    ),
    Rule(
        "text-stream",
        "streams of text",
        "an iterator of `str` or `bytes` is sent unchanged; FastAPI sends JSON Lines",
        "for JSON Lines, annotate it as `Iterator[Any]`",
        (cst.FunctionDef,),
        _streams_text,
    ),
)
