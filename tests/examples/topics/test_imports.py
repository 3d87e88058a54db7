"""The table of imports: each of its names is on both sides, and the topics need no other."""

from importlib import import_module

import pytest

from tests.examples.topics.imports import MOVES, RENAMED, Move, as_fastapi


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.there}: {move.names[0]}")
def test_a_row_names_what_is_there_and_here(move: Move) -> None:
    there, here = import_module(move.there), import_module(move.here)
    for name in move.names:
        assert hasattr(there, name), f"{move.there} has no {name}"
        ours = RENAMED.get(name, name)
        if ours != "status":  # a module, which `from signette import status` finds
            assert hasattr(here, ours), f"{move.here} has no {ours}"


def test_a_module_is_written_back_name_by_name() -> None:
    source = "from signette import App, Depends\nfrom signette.responses import ServerSentEvent\n\napp = App()\n"
    assert as_fastapi(source) == (
        "from fastapi import FastAPI\nfrom fastapi import Depends\nfrom fastapi.sse import ServerSentEvent\n\n"
        "app = FastAPI()\n"
    )
