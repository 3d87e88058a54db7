"""What is kept beside a request: with the application, with the request, in a `State` of one's own."""

import time

from signette.datastructures import State
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


def visits(request: Request) -> Response:
    # What the application opened at its start. Not `async`: it runs in a worker thread, as it waits for a database
    with request.app.state.dbconn as dbconn:
        number = dbconn.execute("INSERT INTO visits DEFAULT VALUES").lastrowid
    return JSONResponse(number)


async def elapsed(request: Request) -> Response:
    # What a layer wrote for this request alone: see layers.py
    return JSONResponse({"seconds": time.time() - request.state.start_time})


async def wrapped(request: Request) -> Response:
    # A dictionary, with dots in place of brackets
    person = State({"name": "Bo", **request.query_params})
    return JSONResponse({"name": person.name})


routes = [
    Route("/visits", visits, methods=["POST"]),
    Route("/elapsed", elapsed),
    Route("/wrapped", wrapped),
]
