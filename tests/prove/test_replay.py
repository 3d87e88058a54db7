"""`Replay`: the tests that findings are given."""

import pytest

from signette import App, JSONResponse
from signette.prove import Replay, Request


def test_a_law_holds_for_a_response_that_it_is_not_about() -> None:
    app = App()
    status = 404

    @app.get("/items", response_model=None)
    async def items() -> JSONResponse:
        return JSONResponse({"status": 400}, status, media_type="application/problem+json" if status > 299 else None)

    with Replay(app, "items") as replay, pytest.raises(AssertionError, match="the member `status`"):
        replay.check("problem", Request("GET", "/items"))
    status = 200  # the fault is fixed: there is no problem any more
    with Replay(app, "items") as replay:
        exchange = replay.check("problem", Request("GET", "/items"))
    assert exchange is not None
    assert exchange.status == 200
