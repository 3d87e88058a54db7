"""A PUT that appends to a list: two equal requests have another effect than one."""

from pydantic import BaseModel

from signette import App


class Tag(BaseModel):
    word: str


app = App()
tags: list[str] = []


@app.put("/tags")
async def set_tag(tag: Tag) -> Tag:
    tags.append(tag.word)
    return tag


@app.get("/tags")
async def list_tags() -> list[str]:
    return tags


REPORTED = {("idempotent-methods", "PUT /tags")}
