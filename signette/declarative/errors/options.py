"""Mistakes in what is said beside a signature: the path, the methods, the options of a route. One function each."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import PlanError, nearest
from signette.declarative.signature.model import Where


def no_callable(where: Where | str, said: Any) -> PlanError:
    made = getattr(said, "cr_code", None) or getattr(said, "gi_code", None) or getattr(said, "ag_code", None)
    what = f"`{made.co_name}()`, its call" if made is not None else f"a `{type(said).__name__}`"
    mend = f"leave out the call: `{made.co_name}`" if made is not None else "give it a function"
    return PlanError(where, f"the endpoint is {what}, which cannot be called", mend)


def unknown_convertor(where: Where, path: str, kind: str, known: Iterable[str]) -> PlanError:
    near = nearest(kind, known)
    mend = f"write `{near}`" if near else f"choose among {', '.join(known)}, or `register_url_convertor` it first"
    return PlanError(where, f"`{path}` asks for the convertor `{kind}`, which is not there", mend)


def piece_twice(where: Where, path: str, name: str) -> PlanError:
    return PlanError(where, f"`{path}` has `{{{name}}}` twice, and a parameter takes one", "give one another name")


def unusable_path(where: Where, path: str, piece: str, meant: str) -> PlanError:
    return PlanError(where, f"`{piece}` of `{path}` stands for itself there, and for no value", meant)


def unknown_method(where: Where, said: Any, near: str | None) -> PlanError:
    mend = f'write "{near}"' if near else 'name them in a list: `methods=["GET"]`'
    return PlanError(where, f"`methods=` has {said!r}, which no client sends", mend)


def text_for_list(where: Where | str, option: str, said: str) -> PlanError:
    return PlanError(
        where,
        f'`{option}="{said}"` is one text where several can stand, and would be read letter by letter',
        f'write `{option}=["{said}"]`',
    )


def other_kind(where: Where | str, option: str, said: Any, wanted: str) -> PlanError:
    return PlanError(
        where, f"`{option}=` is given a `{type(said).__name__}`", f"give it {wanted}, or leave the option out"
    )


def unusable_status(where: Where, said: Any) -> PlanError:
    number = said if isinstance(said, int) else int(said) if isinstance(said, str) and said.isdecimal() else 0
    fits = not isinstance(said, int) and 200 <= number <= 599
    return PlanError(
        where,
        f"`status_code={said!r}` is no status of an answer, which is a number from 200 to 599",
        f"write `status_code={number}`" if fits else "choose one of `signette.status`",
    )


def unused_status(where: Where, said: int, result: str) -> PlanError:
    return PlanError(
        where,
        f"`status_code={said}` is never sent: the result `{result}` brings its own",
        "leave the option out, or return the value alone",
    )


def unkeyed_answers(where: Where | str, said: Any) -> PlanError:
    return PlanError(
        where,
        f"`responses=` is given a `{type(said).__name__}`, and says of each status what is sent with it",
        'write `responses={404: {"description": "..."}}`',
    )


def unknown_answer_status(where: Where | str, said: Any) -> PlanError:
    return PlanError(
        where,
        f"`responses=` has the key {said!r}, which is no status",
        'write a status from 100 to 599, a class of them as "4XX", or "default"',
    )


def bare_answer(where: Where | str, status: Any, said: Any) -> PlanError:
    is_text = isinstance(said, str)
    key, word = ("description", repr(said)) if is_text else ("model", getattr(said, "__name__", "Model"))
    return PlanError(
        where,
        f"`responses={{{status!r}: ...}}` is given `{word}` alone, where a mapping says what it is",
        f'write `responses={{{status!r}: {{"{key}": {word}}}}}`',
    )


def unknown_answer_member(where: Where | str, status: Any, name: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f'write `"{near}"`' if near else f"choose among {', '.join(known)}, or a member of its own: `x-{name}`"
    return PlanError(where, f"`responses={{{status!r}: ...}}` has `{name}`, which the document does not know", mend)


def unusable_model(where: Where | str, option: str, said: Any) -> PlanError:
    word = type(said).__name__
    mend = f"write the class itself: `{word}`" if hasattr(type(said), "model_fields") else "give it a type"
    if isinstance(said, str):
        mend = "write the class itself, without quotes"
    elif isinstance(said, list) and len(said) == 1 and isinstance(said[0], type):
        mend = f"write `list[{said[0].__name__}]`"
    return PlanError(where, f"`{option}` is given a `{word}`, a value where a type stands", mend)


def no_response_class(where: Where, said: Any, known: Iterable[str]) -> PlanError:
    if not isinstance(said, str | type):
        mend = f"write the class itself: `{type(said).__name__}`"
        return PlanError(where, f"`response_class=` is given an instance of `{type(said).__name__}`", mend)
    word = said if isinstance(said, str) else said.__name__
    near = {each.lower().removesuffix("response"): each for each in known}.get(word.lower())
    mend = f"write `response_class={near}`" if near else "give it a class derived from `Response`"
    return PlanError(where, f"`response_class=` is given `{word}`, which is no class of responses", mend)


def socket_option(where: Where, name: str) -> PlanError:
    return PlanError(
        where,
        f"`{name}=` is about the answer of a request, and a WebSocket route gives none",
        "leave the option out; what is sent says the endpoint: `await socket.send_json(...)`",
    )


def unusable_callbacks(where: Where, said: Any) -> PlanError:
    mend = "write `callbacks=router.routes`" if hasattr(said, "routes") else "make a `Router`, and give its `routes`"
    return PlanError(where, f"`callbacks=` is given a `{type(said).__name__}`, and takes a list of routes", mend)


def unusable_bound(where: Where, name: str, said: Any) -> PlanError:
    return PlanError(
        where,
        f"`{name}={said!r}` bounds nothing: a bound is a whole number, 0 or more",
        "write the number itself: `10 * 1024 * 1024` for ten mebibytes",
    )


def unknown_result_field(where: Where, option: str, name: str, model: str, known: Iterable[str]) -> PlanError:
    near = nearest(name, known)
    mend = f'write "{near}"' if near else f"choose among {', '.join(known)}"
    return PlanError(where, f"`{option}=` names `{name}`, which `{model}` does not have", mend)


def unsendable_result(where: Where, cls: str, annotation: str, wanted: str) -> PlanError:
    return PlanError(
        where,
        f"`response_class={cls}` is made of {wanted}, and it returns `{annotation}`",
        f"return {wanted}, or take another `response_class=`",
    )


def class_of_stream(where: Where, cls: str) -> PlanError:
    return PlanError(
        where,
        f"`response_class={cls}` takes one value, and it returns an iterator",
        "leave the option out for JSON Lines, take `EventSourceResponse` or a `StreamingResponse`, or return a list",
    )


def class_of_outcome(where: Where, cls: str, result: str) -> PlanError:
    return PlanError(
        where,
        f"`response_class={cls}` cannot be made of the result `{result}`, which brings its own status",
        f"return the value alone and write `status_code=`, or return a `{cls}`",
    )


def class_of_nothing(where: Where, cls: str) -> PlanError:
    return PlanError(
        where,
        f"`response_class={cls}` needs content, and it returns `None`",
        "annotate what it returns, or leave the option out for 204",
    )


def unused_model_option(where: Where, option: str, result: str) -> PlanError:
    return PlanError(
        where,
        f"`{option}=` is about the fields of models, and the result `{result}` has none",
        "leave the option out, or return a model",
    )
