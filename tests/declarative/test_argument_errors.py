"""Wrong arguments of public classes: errors that name the class that was called, and what to write."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from signette import Body, Created, File, Form, NoContent, Outcome, Page, Process, Query, Socket, Thread
from signette.declarative.signature.markers import Marker


class Teapot(Outcome[str]):
    status_code = 418


CALLS: list[tuple[Callable[[], Any], str]] = [
    (lambda: Form(max_bytes=1), r"`Form\(...\)` has no argument `max_bytes=`; use `File\(...\)`"),  # type: ignore[call-arg]
    (lambda: Query(min_lenght=1), r"`Query\(...\)` has no argument `min_lenght=`; write `min_length=`"),  # type: ignore[call-arg]
    (lambda: File(nonsense=1), r"`File\(...\)` has no argument `nonsense=`; remove it"),  # type: ignore[call-arg]
    (lambda: Process(), r"`Process\(\)` needs a limit; write `Process\(limit=2\)`"),  # type: ignore[call-arg]
    (lambda: Thread(limits=2), r"`Thread\(...\)` has no argument `limits=`; write `limit=`"),  # type: ignore[call-arg]
    (
        lambda: Created(1, location="/1"),  # type: ignore[arg-type]  # `Never`
        r"`Created\(...\)` has no argument `location=`; write `headers=\{'Location': ...\}`",
    ),
    (lambda: Teapot("a", header={}), r"`Teapot\(...\)` has no argument `header=`; write `headers=`"),  # type: ignore[arg-type]
    (lambda: Socket[int], r"`Socket\[...\]` takes two types: .*; write `Socket\[Say, Line\]`"),  # type: ignore[misc]
    (lambda: Socket[int, int, int], r"`Socket\[...\]` takes two types"),  # type: ignore[misc]
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=range(len(CALLS)))
def test_an_error_names_the_class_that_was_called(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


class Trimmed(Marker):
    """A marker of an application."""

    def __init__(self, *, trims: bool = False, **options: Any) -> None:
        self.trims = options.pop("strips", trims)
        super().__init__(**options)


def test_a_marker_of_an_application_may_have_other_arguments() -> None:
    assert Trimmed(strips=True, ge=1).trims


VALUES = [Created(1, {"a": "b"}), NoContent(), Teapot("t"), Thread(3), Body(embed=True)]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_they_can_be_copied_and_pickled(value: Any) -> None:
    for made in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert repr(made) == repr(value)


def test_a_generic_socket_keeps_its_types() -> None:
    assert Socket[int, None].__args__ == (int, type(None))  # type: ignore[attr-defined]
    assert Page[int].__args__ == (int,)  # type: ignore[attr-defined]
