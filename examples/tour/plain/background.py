"""Background tasks."""

from pathlib import Path

import anyio

from examples.tour.backstage import log, send_email
from signette.background import BackgroundTask, BackgroundTasks
from signette.requests import Request
from signette.responses import FileResponse, JSONResponse, Response
from signette.routing import Route


async def user_signup(request: Request) -> Response:
    data = await request.json()
    if not isinstance(data, dict) or not isinstance(data.get("email"), str):
        return JSONResponse({"error": "An email is needed"}, status_code=400)
    # Create user immediately
    user_id = request.state.backstage.create_user(data)
    # Send welcome email in background
    task = BackgroundTask(send_email, to=data["email"], subject="Welcome!", body="Thanks for signing up!")
    return JSONResponse({"user_id": user_id, "message": "User created"}, background=task)


async def remove_file(path: Path) -> None:
    await anyio.Path(path).unlink()


async def single_use_file(request: Request) -> Response:
    # A file for this response, removed after it was sent
    path = request.state.backstage.new_upload()
    await anyio.Path(path).write_bytes(await request.body())
    return FileResponse(path, filename="once.txt", background=BackgroundTask(remove_file, path))


async def greet_member(name: str) -> None:
    log.info("A new member: %r", name)


async def invite(request: Request) -> Response:
    email = request.query_params.get("email", "")
    # Several tasks run one after the other, in this order
    tasks = BackgroundTasks()
    tasks.add_task(greet_member, name=email.partition("@")[0])
    tasks.add_task(send_email, to=email, subject="Come in", body="")
    return Response(status_code=202, background=tasks)


routes = [
    Route("/signup", user_signup, methods=["POST"]),
    Route("/once", single_use_file, methods=["POST"]),
    Route("/invite", invite, methods=["POST"]),
]
