"""Coroutines of asyncio for tasks of trio: what runs in the thread finds its own event loop, not the caller's."""

import anyio
import anyio.lowlevel
import pytest
import sniffio

from signette.state.loops import ThreadLoop


async def library_in_use() -> str:
    """What a coroutine sees that uses anyio, as client libraries may."""
    with anyio.CancelScope(shield=True):
        await anyio.lowlevel.checkpoint()
    return sniffio.current_async_library()


async def called() -> str:
    runner = ThreadLoop()
    try:
        return await runner.run(library_in_use)
    finally:
        await runner.aclose()


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_anyio_in_the_thread_uses_asyncio() -> None:
    assert await called() == "asyncio"


def test_the_callers_library_is_not_inherited() -> None:
    # `anyio.run` puts the name of the library into the context, which the thread's coroutines inherit.
    assert anyio.run(called, backend="trio") == "asyncio"
