"""State: of the application, of a request, and a custom `State`."""

import time

from signette.datastructures import State
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


def visits(request: Request) -> Response:
    # Opened by the lifespan. Not `async`: it runs in a worker thread, because the database blocks
    with request.app.state.dbconn as dbconn:
        number = dbconn.execute("INSERT INTO visits DEFAULT VALUES").lastrowid
    return JSONResponse(number)


async def elapsed(request: Request) -> Response:
    # Set by middleware for this request: see middleware.py
    return JSONResponse({"seconds": time.time() - request.state.start_time})


async def wrapped(request: Request) -> Response:
    # A dictionary with attributes
    person = State({"name": "Bo", **request.query_params})
    return JSONResponse({"name": person.name})


routes = [
    Route("/visits", visits, methods=["POST"]),
    Route("/elapsed", elapsed),
    Route("/wrapped", wrapped),
]
