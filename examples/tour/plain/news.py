"""Long polling: a request that waits for news, or until the client disconnects."""

import anyio

from examples.tour.plain.streams import number_of
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def publish(request: Request) -> Response:
    request.state.backstage.news.append((await request.body()).decode("utf-8", "replace"))
    return Response(status_code=204)


async def wait_for_news(request: Request) -> Response:
    after = int(number_of(request, "after", 0, most=10**9))
    tries = int(number_of(request, "tries", 100, most=1000))
    pause = number_of(request, "pause", 0.1, most=1)
    news = request.state.backstage.news
    for _ in range(tries):
        # The client has disconnected: the response does not matter
        if len(news) > after or await request.is_disconnected():
            break
        await anyio.sleep(pause)
    return JSONResponse(news[after:])


routes = [Route("/news", publish, methods=["POST"]), Route("/news", wait_for_news)]
