"""Rules for code that reads or writes error responses."""

import libcst as cst

from signette.port.rules.rule import Rule, View, key_of, keywords, text_of

REGISTERS = {"exception_handler", "add_exception_handler"}


def _reads_detail(node: cst.Subscript, view: View) -> bool:
    """`response.json()["detail"][0]["loc"]`, and in tests `body["detail"]` of any kind."""
    if key_of(node) != "detail":
        return False
    parent = view.parents.get(node)
    is_json = isinstance(node.value, cst.Call) and isinstance(node.value.func, cst.Attribute)
    deeper = isinstance(parent, cst.Subscript) and parent.value is node
    return deeper or (view.is_test and is_json and not _is_compared_with_text(node, view))


def _is_compared_with_text(node: cst.CSTNode, view: View) -> bool:
    parent = view.parents.get(node)
    if not isinstance(parent, cst.Comparison) or len(parent.comparisons) != 1:
        return False
    other = parent.comparisons[0].comparator
    return text_of(parent.left if other is node else other) is not None


def _compares_detail(node: cst.Comparison, view: View) -> bool:
    """`response.json() == {"detail": ...}` in tests."""
    sides = [node.left, *(target.comparator for target in node.comparisons)]
    return view.is_test and any(_has_detail_alone(side) for side in sides)


def _has_detail_alone(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Dict) or len(node.elements) != 1:
        return False
    element = node.elements[0]
    return isinstance(element, cst.DictElement) and text_of(element.key) == "detail"


def _reads_old_keys(node: cst.Subscript, view: View) -> bool:
    """`error["loc"]` and `error["msg"]` in a function that has to do with RequestValidationError."""
    return key_of(node) in {"loc", "msg"} and _handles_validation_errors(node, view)


def _passes_entries_on(call: cst.Call, view: View) -> bool:
    """`exc.errors()` in such a function, unless a loop reads its entries: a client gets them."""
    is_read = isinstance(call.func, cst.Attribute) and call.func.attr.value == "errors" and not call.args
    in_loop = isinstance(view.parents.get(call), cst.CompFor | cst.For)
    return is_read and not in_loop and _handles_validation_errors(call, view)


def _handles_validation_errors(node: cst.CSTNode, view: View) -> bool:
    function = view.function_of(node)
    if not isinstance(function, cst.FunctionDef):
        return False
    parts = [param.annotation.annotation for param in function.params.params if param.annotation]
    parts += [
        arg.value for each in function.decorators if isinstance(each.decorator, cst.Call) for arg in each.decorator.args
    ]
    return any(view.name_of(part) == "RequestValidationError" for part in parts)


def _raises_data(call: cst.Call, view: View) -> bool:
    """`HTTPException(404, detail={...})`."""
    if view.name_of(call.func) != "HTTPException":
        return False
    positional = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    detail = keywords(call).get("detail", positional[1] if len(positional) > 1 else None)
    return isinstance(detail, cst.Dict | cst.List | cst.Tuple | cst.DictComp | cst.ListComp)


def _handles_http_exceptions(call: cst.Call, view: View) -> bool:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in REGISTERS or not call.args:
        return False
    return view.name_of(call.args[0].value) == "HTTPException"


def _catches_broken_json(node: cst.Try, view: View) -> bool:
    """`try: await request.json()` with a handler for what is no JSON."""
    del view
    caught = " ".join(cst.Module([]).code_for_node(each.type) for each in node.handlers if each.type)
    if "JSONDecodeError" not in caught:
        return False
    body = cst.Module([]).code_for_node(node.body)
    return "await request.json()" in body


RULES = (
    Rule(
        "error-shape",
        "problems",
        "an error is a problem document (RFC 9457): `detail` is a string, a 422 has `errors`",
        "read `errors[].in`, `name`, `pointer` and `code`; or keep the old shape with `App(errors=FastAPIErrors())`",
        (cst.Subscript,),
        _reads_detail,
    ),
    Rule(
        "error-shape",
        "problems",
        "an error is a problem document (RFC 9457): `detail` is a string, a 422 has `errors`",
        "read `errors[].in`, `name`, `pointer` and `code`; or keep the old shape with `App(errors=FastAPIErrors())`",
        (cst.Comparison,),
        _compares_detail,
    ),
    Rule(
        "error-entries",
        "error_entries",
        "entries of `RequestValidationError.errors()` are `code`, `in`, `name`, `pointer`, `message`",
        "`FastAPIErrors().errors(exc)` of `signette.compat` gives the old entries",
        (cst.Subscript,),
        _reads_old_keys,
    ),
    Rule(
        "error-entries",
        "error_entries",
        "entries of `RequestValidationError.errors()` are `code`, `in`, `name`, `pointer`, `message`",
        "`FastAPIErrors().errors(exc)` of `signette.compat` gives the old entries",
        (cst.Call,),
        _passes_entries_on,
    ),
    Rule(
        "error-data",
        "detail",
        "the members of a mapping in `HTTPException(detail=...)` are members of the problem document",
        'read `body["left"]` for `body["detail"]["left"]`; or keep the old shape with `App(errors=FastAPIErrors())`',
        (cst.Call,),
        _raises_data,
    ),
    Rule(
        "one-http-exception",
        "one_exception",
        "FastAPI has two classes `HTTPException`, signette has one: this handler also handles 404 of unknown paths",
        "nothing, unless two handlers were for the two classes: keep one",
        (cst.Call,),
        _handles_http_exceptions,
    ),
    Rule(
        "broken-json",
        "broken JSON",
        "a request body that is not JSON is a 400 even without your own `try`",
        "nothing; you may remove the `try`",
        (cst.Try,),
        _catches_broken_json,
    ),
)
