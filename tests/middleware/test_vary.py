"""`Vary`, with one name more."""

import pytest

from signette.middleware.vary import add_vary


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [(b"vary", b"Origin")]),
        ([(b"vary", b"Accept")], [(b"vary", b"Accept, Origin")]),
        ([(b"Vary", b"origin")], [(b"vary", b"origin")]),
        ([(b"vary", b"*")], [(b"vary", b"*")]),
        ([(b"vary", b"A"), (b"x", b"y"), (b"vary", b"B")], [(b"vary", b"A, B, Origin"), (b"x", b"y")]),
    ],
)
def test_a_name_is_added_once(before: list[tuple[bytes, bytes]], after: list[tuple[bytes, bytes]]) -> None:
    add_vary(before, b"Origin")
    assert before == after
