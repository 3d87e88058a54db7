"""The pages of the club."""

from pathlib import Path

from examples.ported.club.members import Members
from examples.ported.club.messages import messages, say
from signette.authentication import requires
from signette.concurrency import run_in_threadpool
from signette.endpoints import HTTPEndpoint
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import RedirectResponse, Response
from signette.templating import Jinja2Templates

templates = Jinja2Templates(directory=Path(__file__).parent / "templates", context_processors=[messages])


async def fields_of(request: Request, *names: str) -> list[str]:
    """The text fields of a form. Raises HTTPException: 400, if one is missing."""
    async with request.form(max_files=0, max_fields=10) as form:
        values = [form.get(name) for name in names]
    texts = [value for value in values if isinstance(value, str) and value]
    if len(texts) < len(names):
        raise HTTPException(status_code=400, detail="Something was left out")
    return texts


async def home(request: Request) -> Response:
    return templates.TemplateResponse(request, "home.html", {"count": len(request.state.members.by_name)})


class SignIn(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return templates.TemplateResponse(request, "sign_in.html")

    async def post(self, request: Request) -> Response:
        name, password = await fields_of(request, "name", "password")
        members: Members = request.state.members
        if not await run_in_threadpool(members.check, name, password):
            context = {"name": name, "wrong": True}
            return templates.TemplateResponse(request, "sign_in.html", context, status_code=401)
        request.session["member"] = name
        say(request, f"Welcome back, {name}.")
        # Never redirect to a `next` on another host
        path = request.query_params.get("next", "")
        here = str(request.base_url)
        return RedirectResponse(path if path.startswith(here) else request.url_for("home"), status_code=303)


async def join(request: Request) -> Response:
    name, password = await fields_of(request, "name", "password")
    try:
        await run_in_threadpool(request.state.members.join, name, password)
    except ValueError:
        say(request, "That name is taken.")
        return RedirectResponse(request.url_for("home"), status_code=303)
    request.session["member"] = name
    say(request, f"Welcome, {name}.")
    return RedirectResponse(request.url_for("member", name=name), status_code=303)


async def sign_out(request: Request) -> Response:
    request.session.clear()
    say(request, "Good-bye.")
    return RedirectResponse(request.url_for("home"), status_code=303)


@requires("authenticated", redirect="sign_in")
async def member(request: Request) -> Response:
    found = request.state.members.by_name.get(request.path_params["name"])
    if found is None:
        raise HTTPException(status_code=404, detail="No member has this name")
    return templates.TemplateResponse(request, "member.html", {"member": found})


class Admin(HTTPEndpoint):
    @requires(["authenticated", "admin"])
    async def get(self, request: Request) -> Response:
        names = sorted(request.state.members.by_name)
        return templates.TemplateResponse(request, "admin.html", {"names": names})

    @requires(["authenticated", "admin"], status_code=404)
    async def delete(self, request: Request) -> Response:
        request.state.members.by_name.pop(request.query_params.get("name"), None)
        return Response(status_code=204)


async def broken(request: Request) -> Response:
    raise ZeroDivisionError(request.state.mark)
