import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.declarative.policies.body_digest import HashedReceive, digest_of, has_digest
from signette.exceptions import ClientDisconnect
from tests.asgi import DISCONNECT, body_of

CHUNKS = st.lists(st.binary(max_size=4), max_size=5)


def receive_of(*messages):
    left = list(messages)

    async def receive():
        return left.pop(0)

    receive.left = left
    return receive


async def digest_after(pieces, reads):
    hashed = HashedReceive(receive_of(*body_of(*pieces)))
    for _ in range(reads):
        await hashed()
    return hashed.digest


@given(CHUNKS, CHUNKS, st.integers(0, 6))
def test_a_body_has_the_digest_of_another_if_all_that_was_read_is_equal(pieces, others, reads):
    async def compare():
        known = await digest_after(pieces, min(reads, max(len(pieces), 1)))
        return known, await has_digest(receive_of(*body_of(*others)), known)

    known, equal = anyio.run(compare)
    whole, other = b"".join(pieces), b"".join(others)
    read = whole[: known.length]
    assert equal == (other == read if known.ended else other[: known.length] == read)


@pytest.mark.anyio
async def test_no_more_is_read_than_is_needed():
    known = await digest_after([b"ab"], 1)
    receive = receive_of(*body_of(b"abc", b"d", b"e"))
    assert not await has_digest(receive, known)
    assert len(receive.left) == 2


@pytest.mark.anyio
async def test_a_body_that_was_not_read_is_not_read_again():
    known = await digest_after([b"ab"], 0)
    assert (known.length, known.ended) == (0, False)
    receive = receive_of(*body_of(b"x"))
    assert await has_digest(receive, known)
    assert len(receive.left) == 1


@pytest.mark.anyio
async def test_a_client_that_leaves_ends_the_comparison():
    known = await digest_after([b"ab"], 1)
    with pytest.raises(ClientDisconnect):
        await has_digest(receive_of(body_of(b"a", b"b")[0], DISCONNECT), known)


@given(st.lists(st.binary(max_size=3), max_size=3), st.lists(st.binary(max_size=3), max_size=3))
def test_digests_of_other_parts_differ(one, other):
    assert (digest_of(*one) == digest_of(*other)) == (one == other)
