"""Mistakes in what is said beside a signature: the path, the methods, the options of a route. One function each."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match
from signette.declarative.signature.model import SourceLocation


def no_callable(where: SourceLocation | str, said: Any) -> SignatureError:
    made = getattr(said, "cr_code", None) or getattr(said, "gi_code", None) or getattr(said, "ag_code", None)
    what = f"`{made.co_name}()`, its call" if made is not None else f"a `{type(said).__name__}`"
    mend = f"leave out the call: `{made.co_name}`" if made is not None else "give it a function"
    return SignatureError(where, f"the endpoint is {what}, which cannot be called", mend)


def unknown_convertor(where: SourceLocation, path: str, kind: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(kind, known)
    mend = f"write `{near}`" if near else f"choose among {', '.join(known)}, or `register_url_convertor` it first"
    return SignatureError(where, f"`{path}` asks for the convertor `{kind}`, which is not there", mend)


def piece_twice(where: SourceLocation, path: str, name: str) -> SignatureError:
    return SignatureError(where, f"`{path}` has `{{{name}}}` twice, and a parameter takes one", "give one another name")


def unusable_path(where: SourceLocation, path: str, piece: str, meant: str) -> SignatureError:
    return SignatureError(where, f"`{piece}` of `{path}` stands for itself there, and for no value", meant)


def unknown_method(where: SourceLocation, said: Any, near: str | None) -> SignatureError:
    mend = f'write "{near}"' if near else 'name them in a list: `methods=["GET"]`'
    return SignatureError(where, f"`methods=` has {said!r}, which no client sends", mend)


def text_for_list(where: SourceLocation | str, option: str, said: str) -> SignatureError:
    return SignatureError(
        where,
        f'`{option}="{said}"` is one text where several can stand, and would be read letter by letter',
        f'write `{option}=["{said}"]`',
    )


def other_kind(where: SourceLocation | str, option: str, said: Any, wanted: str) -> SignatureError:
    return SignatureError(
        where, f"`{option}=` is given a `{type(said).__name__}`", f"give it {wanted}, or leave the option out"
    )


def unusable_status(where: SourceLocation, said: Any) -> SignatureError:
    number = said if isinstance(said, int) else int(said) if isinstance(said, str) and said.isdecimal() else 0
    fits = not isinstance(said, int) and 200 <= number <= 599
    return SignatureError(
        where,
        f"`status_code={said!r}` is no status of an answer, which is a number from 200 to 599",
        f"write `status_code={number}`" if fits else "choose one of `signette.status`",
    )


def unused_status(where: SourceLocation, said: int, result: str) -> SignatureError:
    return SignatureError(
        where,
        f"`status_code={said}` is never sent: the result `{result}` brings its own",
        "leave the option out, or return the value alone",
    )


def unkeyed_answers(where: SourceLocation | str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`responses=` is given a `{type(said).__name__}`, and says of each status what is sent with it",
        'write `responses={404: {"description": "..."}}`',
    )


def unknown_answer_status(where: SourceLocation | str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`responses=` has the key {said!r}, which is no status",
        'write a status from 100 to 599, a class of them as "4XX", or "default"',
    )


def bare_answer(where: SourceLocation | str, status: Any, said: Any) -> SignatureError:
    is_text = isinstance(said, str)
    key, word = ("description", repr(said)) if is_text else ("model", getattr(said, "__name__", "Model"))
    return SignatureError(
        where,
        f"`responses={{{status!r}: ...}}` is given `{word}` alone, where a mapping says what it is",
        f'write `responses={{{status!r}: {{"{key}": {word}}}}}`',
    )


def unknown_answer_member(where: SourceLocation | str, status: Any, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    mend = f'write `"{near}"`' if near else f"choose among {', '.join(known)}, or a member of its own: `x-{name}`"
    return SignatureError(
        where, f"`responses={{{status!r}: ...}}` has `{name}`, which the document does not know", mend
    )


def unusable_model(where: SourceLocation | str, option: str, said: Any) -> SignatureError:
    word = type(said).__name__
    mend = f"write the class itself: `{word}`" if hasattr(type(said), "model_fields") else "give it a type"
    if isinstance(said, str):
        mend = "write the class itself, without quotes"
    elif isinstance(said, list) and len(said) == 1 and isinstance(said[0], type):
        mend = f"write `list[{said[0].__name__}]`"
    return SignatureError(where, f"`{option}` is given a `{word}`, a value where a type stands", mend)


def no_response_class(where: SourceLocation, said: Any, known: Iterable[str]) -> SignatureError:
    if not isinstance(said, str | type):
        mend = f"write the class itself: `{type(said).__name__}`"
        return SignatureError(where, f"`response_class=` is given an instance of `{type(said).__name__}`", mend)
    word = said if isinstance(said, str) else said.__name__
    near = {each.lower().removesuffix("response"): each for each in known}.get(word.lower())
    mend = f"write `response_class={near}`" if near else "give it a class derived from `Response`"
    return SignatureError(where, f"`response_class=` is given `{word}`, which is no class of responses", mend)


def socket_option(where: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}=` is about the answer of a request, and a WebSocket route gives none",
        "leave the option out; what is sent says the endpoint: `await socket.send_json(...)`",
    )


def unusable_callbacks(where: SourceLocation, said: Any) -> SignatureError:
    mend = "write `callbacks=router.routes`" if hasattr(said, "routes") else "make a `Router`, and give its `routes`"
    return SignatureError(where, f"`callbacks=` is given a `{type(said).__name__}`, and takes a list of routes", mend)


def unusable_bound(where: SourceLocation, name: str, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}={said!r}` bounds nothing: a bound is a whole number, 0 or more",
        "write the number itself: `10 * 1024 * 1024` for ten mebibytes",
    )


def unknown_result_field(
    where: SourceLocation, option: str, name: str, model: str, known: Iterable[str]
) -> SignatureError:
    near = closest_match(name, known)
    mend = f'write "{near}"' if near else f"choose among {', '.join(known)}"
    return SignatureError(where, f"`{option}=` names `{name}`, which `{model}` does not have", mend)


def unsendable_result(where: SourceLocation, cls: str, annotation: str, wanted: str) -> SignatureError:
    return SignatureError(
        where,
        f"`response_class={cls}` is made of {wanted}, and it returns `{annotation}`",
        f"return {wanted}, or take another `response_class=`",
    )


def class_of_stream(where: SourceLocation, cls: str) -> SignatureError:
    return SignatureError(
        where,
        f"`response_class={cls}` takes one value, and it returns an iterator",
        "leave the option out for JSON Lines, take `EventSourceResponse` or a `StreamingResponse`, or return a list",
    )


def class_of_outcome(where: SourceLocation, cls: str, result: str) -> SignatureError:
    return SignatureError(
        where,
        f"`response_class={cls}` cannot be made of the result `{result}`, which brings its own status",
        f"return the value alone and write `status_code=`, or return a `{cls}`",
    )


def class_of_nothing(where: SourceLocation, cls: str) -> SignatureError:
    return SignatureError(
        where,
        f"`response_class={cls}` needs content, and it returns `None`",
        "annotate what it returns, or leave the option out for 204",
    )


def unused_model_option(where: SourceLocation, option: str, result: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{option}=` is about the fields of models, and the result `{result}` has none",
        "leave the option out, or return a model",
    )
