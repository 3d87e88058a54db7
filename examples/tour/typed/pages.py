"""Templates."""

from pathlib import Path

from signette import HTMLResponse, Request, Response, Router
from signette.templating import Jinja2Templates

router = Router(tags=["pages"])
templates = Jinja2Templates(directory=Path(__file__).parents[1] / "templates")


@router.get("/home", response_class=HTMLResponse)
async def home(request: Request, name: str = "stranger") -> Response:
    data = {"title": "The tour", "name": name, "user_id": 3}
    return templates.TemplateResponse(request, "home.html", data, headers={"X-Extra-Key": "value"})
