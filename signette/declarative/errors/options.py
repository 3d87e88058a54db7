"""Errors in the path, the methods and the options of a route."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match
from signette.declarative.signature.model import SourceLocation


def endpoint_not_callable(location: SourceLocation | str, value: Any) -> SignatureError:
    code = getattr(value, "cr_code", None) or getattr(value, "gi_code", None) or getattr(value, "ag_code", None)
    given = f"the call `{code.co_name}()`" if code is not None else f"`{type(value).__name__}`"
    hint = f"pass `{code.co_name}` without parentheses" if code is not None else "pass a function"
    return SignatureError(location, f"the endpoint must be callable, got {given}", hint)


def unknown_convertor(location: SourceLocation, path: str, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    hint = f"write `{near}`" if near else f"use one of: {', '.join(known)}; or call `register_url_convertor` first"
    return SignatureError(location, f"unknown path convertor `{name}` in `{path}`", hint)


def duplicate_path_parameter(location: SourceLocation, path: str, name: str) -> SignatureError:
    return SignatureError(location, f"`{path}` has the path parameter `{{{name}}}` twice", "rename one of them")


def invalid_path_syntax(location: SourceLocation, path: str, part: str, hint: str) -> SignatureError:
    return SignatureError(location, f"`{part}` in `{path}` is not path-parameter syntax", hint)


def unknown_method(location: SourceLocation, value: Any, near: str | None) -> SignatureError:
    hint = f'write "{near}"' if near else 'write a list of HTTP methods: `methods=["GET"]`'
    problem = f"unknown HTTP method {value!r} in `methods=`" if value else "`methods=` is empty"
    return SignatureError(location, problem, hint)


def string_instead_of_list(location: SourceLocation | str, option: str, value: str) -> SignatureError:
    return SignatureError(
        location, f'`{option}="{value}"` must be a list, got a string', f'write `{option}=["{value}"]`'
    )


def wrong_option_type(location: SourceLocation | str, option: str, value: Any, wanted: str) -> SignatureError:
    if isinstance(value, type) and option == "errors":
        name = value.__name__
        hint = f"pass an instance: `{option}={name}()`"
        return SignatureError(location, f"`{option}=` must be {wanted}, got the class `{name}`", hint)
    got = f"the class `{value.__name__}`" if isinstance(value, type) else f"`{type(value).__name__}`"
    hint = "fix the value, or remove the option"
    if option == "executor":
        hint = "write `executor=Thread(limit=4)` or `executor=Process(limit=2)`"
    if option == "page_limit":
        hint = f"write `page_limit=Page.Limit({value if isinstance(value, int) else 50})`"
    return SignatureError(location, f"`{option}=` must be {wanted}, got {got}", hint)


def invalid_status_code(location: SourceLocation, value: Any) -> SignatureError:
    number = value if isinstance(value, int) else int(value) if isinstance(value, str) and value.isdecimal() else 0
    is_number_in_text = not isinstance(value, int) and 200 <= number <= 599
    return SignatureError(
        location,
        f"`status_code={value!r}` must be an integer from 200 to 599",
        f"write `status_code={number}`" if is_number_in_text else "use one of `signette.status`",
    )


def ignored_status_code(location: SourceLocation, status: int, result: str, *, is_page: bool) -> SignatureError:
    if is_page:
        problem = f"`status_code={status}` has no effect: a page is sent with the status 200"
        return SignatureError(location, problem, "remove the option")
    return SignatureError(
        location,
        f"`status_code={status}` has no effect: `{result}` sets the status",
        "remove the option, or return the value itself",
    )


def responses_not_a_mapping(location: SourceLocation | str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`responses=` must be a mapping from status codes to responses, got `{type(value).__name__}`",
        'write `responses={404: {"description": "..."}}`',
    )


def invalid_responses_key(location: SourceLocation | str, key: Any) -> SignatureError:
    return SignatureError(
        location,
        f"invalid key {key!r} in `responses=`",
        'use a status code from 100 to 599, a range such as "4XX", or "default"',
    )


def responses_entry_not_a_mapping(location: SourceLocation | str, status: Any, value: Any) -> SignatureError:
    is_text = isinstance(value, str)
    key, word = ("description", repr(value)) if is_text else ("model", getattr(value, "__name__", "Model"))
    return SignatureError(
        location,
        f"`responses={{{status!r}: ...}}` must contain a mapping, got `{word}`",
        f'write `responses={{{status!r}: {{"{key}": {word}}}}}`',
    )


def unknown_response_field(
    location: SourceLocation | str, status: Any, name: str, known: Iterable[str]
) -> SignatureError:
    near = closest_match(name, known)
    hint = f'write `"{near}"`' if near else f"use one of: {', '.join(known)}; or an extension: `x-{name}`"
    return SignatureError(location, f"unknown field `{name}` in `responses={{{status!r}: ...}}`", hint)


def value_instead_of_type(location: SourceLocation | str, option: str, value: Any) -> SignatureError:
    word = type(value).__name__
    hint = f"pass the class: `{word}`" if hasattr(type(value), "model_fields") else "pass a type"
    if isinstance(value, str):
        hint = "pass the class, without quotes"
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], type):
        hint = f"write `list[{value[0].__name__}]`"
    return SignatureError(location, f"`{option}` must be a type, got a value of type `{word}`", hint)


def invalid_response_class(location: SourceLocation, value: Any, known: Iterable[str]) -> SignatureError:
    if not isinstance(value, str | type):
        word = type(value).__name__
        return SignatureError(
            location, f"`response_class=` must be a class, got an instance of `{word}`", f"pass the class: `{word}`"
        )
    word = value if isinstance(value, str) else value.__name__
    near = {each.lower().removesuffix("response"): each for each in known}.get(word.lower())
    hint = f"write `response_class={near}`" if near else "pass a subclass of `Response`"
    return SignatureError(location, f"`response_class=` must be a response class, got `{word}`", hint)


def websocket_option(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}=` describes an HTTP response, which a WebSocket route does not send",
        "remove the option; the endpoint sends messages: `await socket.send_json(...)`",
    )


def request_option_of_websocket(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}=` is for request bodies, which a WebSocket route does not have",
        "remove the option; `SocketOptions(max_message_bytes=...)` limits the messages of a `Socket`",
    )


def invalid_version(location: SourceLocation | str, value: Any) -> SignatureError:
    text = "".join(letter for letter in str(value) if letter.isalnum() or letter in "-._~").strip(".")
    text = f"v{text}" if not isinstance(value, str) else text
    return SignatureError(
        location,
        f"`version={value!r}` must be a text of letters, digits and `-._~`: it is a segment of the paths",
        f'write `version="{text or "v1"}"`',
    )


def two_versions(location: SourceLocation | str, outer: str, inner: str) -> SignatureError:
    return SignatureError(
        location,
        f'a route of the version "{inner}" is included below the version "{outer}"',
        "remove one of the two; or mount an application at the path of the version",
    )


def router_option(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}=` is an option of routers and applications, and not of a route",
        {
            "page_limit": "write `page: Annotated[Page.Offset, Page.Limit(...)]`",
            "default_response_class": "write `response_class=`",
            "version": 'declare it on a router: `Router(version="v1")`',
        }[name],
    )


def invalid_callbacks(location: SourceLocation, value: Any) -> SignatureError:
    hint = "write `callbacks=router.routes`" if hasattr(value, "routes") else "pass the `routes` of a `Router`"
    return SignatureError(location, f"`callbacks=` must be a list of routes, got `{type(value).__name__}`", hint)


def invalid_limit(location: SourceLocation, name: str, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}={value!r}` must be a non-negative integer",
        "write a number, such as `10 * 1024 * 1024` for 10 MiB",
    )


def unknown_model_field(
    location: SourceLocation, option: str, name: str, model: str, known: Iterable[str]
) -> SignatureError:
    near = closest_match(name, known)
    hint = f'write "{near}"' if near else f"use one of: {', '.join(known)}"
    return SignatureError(location, f"`{option}=` contains `{name}`, which is not a field of `{model}`", hint)


def response_class_mismatch(location: SourceLocation, cls: str, annotation: str, wanted: str) -> SignatureError:
    return SignatureError(
        location,
        f"`response_class={cls}` requires {wanted}, but the endpoint returns `{annotation}`",
        f"return {wanted}, or use another `response_class=`",
    )


def response_class_for_stream(location: SourceLocation, cls: str) -> SignatureError:
    return SignatureError(
        location,
        f"`response_class={cls}` requires a single value, but the endpoint returns an iterator",
        "remove the option to send JSON Lines, use `EventSourceResponse` or `StreamingResponse`, or return a list",
    )


def response_class_for_outcome(location: SourceLocation, cls: str, result: str) -> SignatureError:
    return SignatureError(
        location,
        f"`response_class={cls}` cannot be combined with `{result}`, which sets its own status",
        f"return the value itself and set `status_code=`, or return a `{cls}`",
    )


def response_class_without_content(location: SourceLocation, cls: str) -> SignatureError:
    return SignatureError(
        location,
        f"`response_class={cls}` requires content, but the endpoint returns `None`",
        "annotate the return type, or remove the option to send 204",
    )


def ignored_model_option(location: SourceLocation, option: str, result: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{option}=` applies to models only, but the endpoint returns `{result}`",
        "remove the option, or return a model",
    )
