"""Headers, a cookie, a list of the query, two names for one value, and a model with its own names."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from signette import App, Cookie, Header, Query

app = App(openapi_url=None)


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(20, validation_alias=AliasChoices("size", "per_page"))
    sort: Literal["up", "down"] = "up"


@app.get("/context")
async def context(
    page: Annotated[Page, Query()],
    x_request_id: Annotated[str, Header()],
    accept_language: Annotated[str | None, Header()] = None,
    session: Annotated[str | None, Cookie(alias="sid")] = None,
    since: Annotated[int, Query(validation_alias=AliasChoices("since", "after"))] = 0,
    *,
    tag: Annotated[list[str], Query(default_factory=list)],
) -> None: ...
