"""A list in several formats, behind a security scheme."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Security
from signette.formats import CSV, JSON
from signette.security import APIKeyHeader

app = App(openapi_url=None)


class Row(BaseModel):
    id: int
    name: str


@app.get("/rows", renders=[JSON, CSV(delimiter=";")])
async def rows(key: Annotated[str, Security(APIKeyHeader(name="X-Key"))], limit: int = 10) -> list[Row]:
    return [Row(id=number, name=key) for number in range(limit)]
