"""Templates."""

from pathlib import Path

from signette.requests import Request
from signette.responses import Response
from signette.routing import Route
from signette.templating import Jinja2Templates

templates = Jinja2Templates(directory=Path(__file__).parents[1] / "templates")


async def home(request: Request) -> Response:
    data = {"title": "The tour", "name": request.query_params.get("name", "stranger"), "user_id": 3}
    # A status and headers can be set, as for any response
    return templates.TemplateResponse(request, "home.html", data, headers={"X-Extra-Key": "value"})


routes = [Route("/home", home)]
