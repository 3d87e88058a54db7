"""An endpoint that returns a `Response` whose body does not fit the declared model."""

from pydantic import BaseModel

from signette import App
from signette.responses import JSONResponse


class Item(BaseModel):
    name: str
    price: float


app = App()


@app.get("/items/{item_id}", response_model=Item)
async def read_item(item_id: int) -> JSONResponse:
    return JSONResponse({"name": "tea", "price": "cheap"})


REPORTED = {("declared-body", "GET /items/{item_id}")}
