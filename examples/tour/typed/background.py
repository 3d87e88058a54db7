"""Background tasks."""

from pathlib import Path
from typing import Annotated

import anyio
from pydantic import BaseModel

from examples.tour.backstage import log, send_email
from examples.tour.typed.dependencies import Stage
from signette import BackgroundTasks, Body, FileResponse, Response, Router

router = Router(tags=["background"])


class Signup(BaseModel, extra="allow"):
    email: str


class SignedUp(BaseModel):
    user_id: int
    message: str


@router.post("/signup")
async def user_signup(data: Signup, backstage: Stage, tasks: BackgroundTasks) -> SignedUp:
    user_id = backstage.create_user(data.model_dump())
    tasks.add_task(send_email, to=data.email, subject="Welcome!", body="Thanks for signing up!")
    return SignedUp(user_id=user_id, message="User created")


async def remove_file(path: Path) -> None:
    await anyio.Path(path).unlink()


@router.post("/once")
async def single_use_file(
    stage: Stage, tasks: BackgroundTasks, content: Annotated[bytes, Body()] = b""
) -> FileResponse:
    path = stage.new_upload()
    await anyio.Path(path).write_bytes(content)
    tasks.add_task(remove_file, path)
    return FileResponse(path, filename="once.txt")


async def greet_member(name: str) -> None:
    log.info("A new member: %r", name)


@router.post("/invite", status_code=202, response_class=Response)
async def invite(tasks: BackgroundTasks, email: str = "") -> str:
    tasks.add_task(greet_member, name=email.partition("@")[0])
    tasks.add_task(send_email, to=email, subject="Come in", body="")
    return ""
