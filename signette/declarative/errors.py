"""Mistakes in a signature, refused when the route is made. One function a mistake: where, what, mend."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.ir import Where


class PlanError(TypeError):
    """A signature that cannot be a contract. Three lines: where it stands, what is wrong, how to mend it."""

    def __init__(self, where: Where | str, what: str, mend: str) -> None:
        self.where = where
        self.what = what
        self.mend = mend
        super().__init__(f"{where}\n  what: {what}\n  mend: {mend}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.what, self.mend)


class UnknownName(PlanError):
    """An annotation names what does not exist (yet). The plan is tried again when the application starts."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def nearest_piece(name: str, known: Iterable[str]) -> str | None:
    """The known name that may stand for this piece of a path: one much like it, or `item_id` for `id`."""
    longer = [each for each in known if each.endswith(f"_{name}") or name.endswith(f"_{each}")]
    return nearest(name, known) or (longer[0] if len(longer) == 1 else None)


def name_missing_in(exc: Exception) -> str | None:
    """The name for want of which pydantic could not finish a type; None where that is not its complaint."""
    if type(exc).__name__ == "PydanticUndefinedAnnotation":
        return str(getattr(exc, "name", ""))
    if getattr(exc, "code", None) == "class-not-fully-defined":  # a model that names another one, defined later
        found = re.search(r"define `(\w+)`", str(exc))
        return found[1] if found else None
    return None


def first_sentence(exc: Exception) -> str:
    """What pydantic says is wrong, without its advice, which is for authors of types."""
    return str(exc).splitlines()[0].partition(". ")[0]


def unknown_name(where: Where, name: str) -> PlanError:
    return UnknownName(
        where,
        f"an annotation names `{name}`, which does not exist where the function was defined",
        f"import `{name}` outside `if TYPE_CHECKING:`, or define it at the top of the module",
    )


def variadic(where: Where, parameter: str) -> PlanError:
    return PlanError(
        where,
        f"`{parameter}` takes any arguments, and a request has none to give by that name",
        "name each parameter; in a decorator, put `@functools.wraps(function)` on the inner function",
    )


def path_name_unknown(where: Where, name: str, path: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f"rename it to `{near}`" if near else f"add `{{{name}}}` to the path, or take `Path()` away"
    return PlanError(where, f"`{name}` is marked `Path()`, and `{path}` has no `{{{name}}}`", mend)


def path_name_unused(where: Where, name: str, path: str, known: Iterable[str]) -> PlanError:
    near = nearest_piece(name, known)
    mend = f"rename `{near}` to `{name}`" if near else f"add a parameter `{name}`, or take it out of the path"
    return PlanError(where, f"`{path}` has `{{{name}}}`, and no parameter takes it", mend)


def path_default(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a piece of the path and has a default, which could never be used",
        "take the default away",
    )


def two_defaults(where: Where, name: str) -> PlanError:
    return PlanError(where, f"`{name}` has a default in its marker and another in the signature", "keep one of them")


def invalid_default(where: Where, name: str, default: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` has the default {default!r} and `validate_default=True`, and it is not valid: {why}",
        "choose a default that the annotation and its bounds allow",
    )


def marker_default_in_annotated(where: Where, name: str, marker: Any) -> PlanError:
    word = type(marker).__name__
    return PlanError(
        where,
        f"`{name}` has its default inside `Annotated[..., {word}({marker.default!r})]`",
        f"write it behind the annotation: `{name}: Annotated[..., {word}()] = {marker.default!r}`",
    )


def list_on_get(where: Where, name: str, methods: Iterable[str]) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a list without a marker, so a JSON body, and {'/'.join(sorted(methods))} carries none",
        f"to read it from the query, write `{name}: Annotated[list[...], Query()]`",
    )


def uncalled_marker(where: Where, name: str, marker: Any) -> PlanError:
    word = marker.__name__
    return PlanError(where, f"`{name}` is marked `{word}`, which says nothing until it is called", f"write `{word}()`")


def unknown_option(where: Where, name: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f"write `{near}=`" if near else "see `RouteOptions` for those that there are"
    return PlanError(where, f"`{name}=` is no option of a route", mend)


def unknown_form_limit(where: Where, name: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f"write `{near}`" if near else f"choose among {', '.join(f'`{each}`' for each in known)}"
    return PlanError(where, f"`form_limits` has no `{name}`", mend)


def unknown_choice(where: Where, name: str, said: Any, choices: Iterable[str]) -> PlanError:
    return PlanError(where, f"`{name}={said!r}` is none of the choices", f"say one of: {', '.join(choices)}")


def no_path(where: Where) -> PlanError:
    return PlanError(where, "the decorator was given the function, and no path", "call it: `@app.get('/')`")


def two_bodies(where: Where, first: str, second: str) -> PlanError:
    return PlanError(
        where,
        f"`{first}` and `{second}` each read the body in their own way; a request has one body",
        "take the bytes alone, or all of them from a form or from JSON",
    )


def hidden_body(where: Where, name: str, dependency: Where) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is the body here, and the dependency {dependency} takes a body of its own",
        "give each of them `Body(embed=True)`, so that the body is an object with a member for each",
    )


def alias_path(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` has an `AliasPath`, which leads into a value, and its source holds plain texts",
        "give the path to a field of a model (`AliasPath('name', 0)` takes an item of a list), or read the list",
    )


def unknown_style(where: Where, name: str, marker: Any, place: str, known: Iterable[str]) -> PlanError:
    said = ", ".join(
        f"{word}={value!r}" for word in ("style", "explode") if (value := getattr(marker, word, None)) is not None
    )
    return PlanError(
        where,
        f"`{name}` asks for `{said}`, which says nothing about a value of this type in the {place}",
        f"use one of: {'; '.join(known)}",
    )


def nested_field(where: Where, name: str, annotation: Any, place: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` has parts of its own, for which a {place} has no names",
        "send it as JSON in one text: `Json[...]`, or read it from the body",
    )


def body_in_model(where: Where, name: str, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is marked `Body()` inside a model that is spread over its source",
        "make it a parameter of its own, which is a JSON part of a form, or write `Json[...]` for JSON in a field",
    )


def union_disagrees(where: Where, name: str, wire: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a union whose models take `{wire}` once here and as a list there",
        "give it the same shape in each of them, or another name",
    )


def no_list_here(where: Where, name: str, place: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` is a list, and a {place} value stands once",
        "take one value, or read the list from the query: `Annotated[list[...], Query()]`",
    )


def unusable(where: Where, name: str, annotation: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is no type that can be checked: {why}",
        "use a type that pydantic knows, or mark the parameter with `Depends(...)`",
    )


def not_a_model(where: Where, name: str, annotation: Any, marker: Any) -> PlanError:
    word = type(marker).__name__
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is marked `{word}()`, where a scalar, a list or one model can stand",
        f"use a pydantic model to spread it over the {word.lower()}, or `Body()` for JSON",
    )


def marked_connection(where: Where, name: str, annotation: Any, marker: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is injected, and a `{type(marker).__name__}()` says it is sent by the client",
        "take the marker away",
    )


def no_factory(where: Where, name: str, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}` asks for `Depends()`, and its type `{spelled(annotation)}` cannot be called",
        "name the function: `Depends(function)`, or annotate a class",
    )


def uncalled_scheme(where: Where, name: str, scheme: Any) -> PlanError:
    word = scheme.__name__
    return PlanError(
        where,
        f"`{name}` depends on the class `{word}`, and a scheme is an instance, made once",
        f"write `Depends({word}(...))`",
    )


def bare_scheme(where: Where, name: str, scheme: Any) -> PlanError:
    word = scheme.__name__ if isinstance(scheme, type) else type(scheme).__name__
    return PlanError(
        where,
        f"`{name}` is given the scheme `{word}`, which guards nothing until it is depended on",
        f"write `Depends({word}(...))`",
    )


def scopes_text(where: Where, name: str, scopes: str) -> PlanError:
    return PlanError(
        where,
        f'`{name}` asks for `scopes="{scopes}"`, a text where a list stands',
        f"write `scopes={scopes.split()!r}`",
    )


def undeclared_scope(where: Where, name: str, scope: str, known: Iterable[str]) -> PlanError:
    near = nearest(scope, known)
    mend = f'write "{near}"' if near else f'declare it: `scopes={{"{scope}": "what it allows"}}` of the scheme'
    return PlanError(where, f'`{name}` asks for the scope "{scope}", which the scheme behind it does not declare', mend)


def called_dependency(where: Where, name: str, value: Any) -> PlanError:
    made = getattr(value, "gi_code", None) or getattr(value, "cr_code", None) or getattr(value, "ag_code", None)
    call = f"{made.co_name}()" if made is not None else f"a `{type(value).__name__}`"
    mend = f"leave out its call: `Depends({made.co_name})`" if made is not None else "name the function: `Depends(get)`"
    return PlanError(where, f"`{name}` asks for `Depends(...)` of {call}, a value that cannot be called", mend)


def bare_dependency(where: Where, said: Any) -> PlanError:
    word = "Depends(...)" if hasattr(said, "dependency") else f"Depends({getattr(said, '__name__', 'function')})"
    return PlanError(
        where,
        f"`dependencies=` is given a `{type(said).__name__}`, and takes a list of `Depends(...)`",
        f"write `dependencies=[{word}]`",
    )


def marker_for_type(where: Where, name: str, said: Any) -> PlanError:
    word = said.__name__ if callable(said) else "Depends" if hasattr(said, "dependency") else type(said).__name__
    return PlanError(
        where,
        f"`{name}: {word}(...)` says where its value comes from, where its type is to stand",
        f"write `{name}: Annotated[T, {word}(...)]`, with the value's type for `T`",
    )


def other_value(where: Where, name: str, annotation: Any, dependency: Where, given: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` is filled by {dependency.name}, which gives `{spelled(given)}`",
        f"annotate `{name}` with what the dependency gives, or mend the dependency's own annotation",
    )


def app_reads(where: Where, name: str, place: str) -> PlanError:
    return PlanError(
        where,
        f'`{name}` would be read from a request ({place}), and `scope="app"` makes this before there is any',
        "give it a default, or take the value where the request is",
    )


def outside_reads(where: Where, name: str, place: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` would be read from a request ({place}), and this is called outside of any",
        f"give it to the call, `scope.call(function, {name}=...)`, or a default; of a dependency, override that one",
    )


def app_outlives(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f'`{name}` ends with a request, and what asks for it lives as long as the application (`scope="app"`)',
        'let it live as long: `Depends(..., scope="app")`',
    )


def yielding_socket(where: Where) -> PlanError:
    return PlanError(
        where,
        "it yields, and a WebSocket has nobody who takes what is yielded",
        "send it: `await socket.send_json(...)`",
    )


def circle(where: Where, chain: Iterable[Where]) -> PlanError:
    names = " -> ".join(each.name.rsplit(".", 1)[-1] for each in chain)
    return PlanError(where, f"dependencies go round in a circle: {names}", "let one of them stop asking for the next")


def outlives(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f'`{name}` ends with the function (`scope="function"`), and what asks for it lives as long as the request',
        'give both the same scope: `Depends(..., scope="function")`',
    )


def other_protocol(where: Where, name: str, annotation: Any, socket: bool) -> PlanError:
    here, kind, mend = (
        ("a WebSocket route", "HTTP requests", "WebSocket") if socket else ("an HTTP route", "WebSockets", "Request")
    )
    return PlanError(
        where,
        f"`{name}: {spelled(annotation)}` stands for {kind}, and this is {here}",
        f"annotate `{name}: {mend}`, or `HTTPConnection` in a dependency that serves both",
    )


def no_signature(where: Where, target: Where) -> PlanError:
    return PlanError(
        where,
        f"`{target.name}` tells no signature, as some built-ins do not, so there is nothing to read a request into",
        "wrap it in a function whose parameters are annotated",
    )


def body_on_socket(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}` would be read from a body, and a WebSocket has none",
        "receive it as a message: `await socket.receive_json()`",
    )


def no_body_status(where: Where, status: int, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"it answers {status}, which has no body, and returns `{spelled(annotation)}`",
        "annotate `-> None`, or choose another `status_code=`",
    )


def response_in_union(where: Where, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`-> {spelled(annotation)}` mixes a `Response` with values, so the document could not say what is sent",
        "annotate the value alone (a `Response` may still be returned), or pass `response_model=None`",
    )


def unusable_result(where: Where, annotation: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`-> {spelled(annotation)}` is no type that can be written as JSON: {why}",
        "return a type that pydantic knows, or a `Response`; `response_model=None` sends what is returned unchecked",
    )


def generator_result(where: Where, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"it yields its answer and is annotated `-> {spelled(annotation)}`, which is no iterator",
        "annotate what it yields: `-> AsyncIterator[Row]` or `-> Iterator[Row]`",
    )


def spelled(annotation: Any) -> str:
    """An annotation as people write it."""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def unknown_watch(where: Where, said: Any) -> PlanError:
    return PlanError(
        where,
        f"`validate_responses={said!r}` is no way to look at results",
        'say "strict", "warn", "off", or a share of the results between 0 and 1, as 0.01',
    )
