"""Headers and cookies: one by one, as lists, as models; and those that go out."""

from typing import Annotated

from pydantic import BaseModel, Field

from signette import App, Cookie, Header, Response

app = App(title="Doorkeeper")


@app.get("/agent")
async def agent(user_agent: Annotated[str | None, Header()] = None) -> dict[str, str | None]:
    return {"agent": user_agent}


@app.get("/tokens")
async def tokens(x_token: Annotated[list[str] | None, Header()] = None) -> dict[str, list[str] | None]:
    return {"tokens": x_token}


@app.get("/needed")
async def needed(
    x_count: Annotated[int, Header(ge=1)], x_word: Annotated[str, Header(alias="X-The-Word", min_length=2)]
) -> dict[str, object]:
    return {"count": x_count, "word": x_word}


@app.get("/literal")
async def literal(odd_name: Annotated[str | None, Header(convert_underscores=False)] = None) -> dict[str, str | None]:
    return {"odd": odd_name}


@app.get("/visit")
async def visit(
    visitor: Annotated[str | None, Cookie()] = None, visits: Annotated[int, Cookie(ge=0)] = 0
) -> dict[str, object]:
    return {"visitor": visitor, "visits": visits}


class Common(BaseModel):
    """What our own clients send."""

    host: str
    save_data: bool
    if_modified_since: str | None = None
    trace: str | None = Field(None, alias="x-trace", max_length=4)
    x_tag: list[str] = []


@app.get("/common")
async def common(headers: Annotated[Common, Header()]) -> Common:
    return headers


class Crumbs(BaseModel):
    model_config = {"extra": "forbid"}

    session_id: str
    fine: bool = False


@app.get("/crumbs")
async def crumbs(cookies: Annotated[Crumbs, Cookie()]) -> Crumbs:
    return cookies


@app.post("/enter")
async def enter(response: Response, name: str = "ada") -> dict[str, str]:
    response.set_cookie("visitor", name)
    response.headers["X-Door"] = "north"
    return {"welcome": name}


@app.post("/leave")
async def leave(response: Response) -> dict[str, bool]:
    response.delete_cookie("visitor")
    return {"left": True}
