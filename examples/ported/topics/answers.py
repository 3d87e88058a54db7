"""Responses: models, status codes, response classes, additional responses."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from signette import App, HTTPException, Response, status
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

app = App(title="Members")


class Base(BaseModel):
    name: str
    email: str
    full_name: str | None = None


class Joining(Base):
    password: str


class Stored(Base):
    secret: str


class Unknown(BaseModel):
    message: str


@app.post("/join", status_code=status.HTTP_201_CREATED)
async def join(member: Joining) -> Base:
    """The password is not in `Base`, so it stays here."""
    return member


@app.post("/members", response_model=Base, status_code=201)
async def member(member: Joining) -> Any:
    return Stored(**member.model_dump(), secret="hash of " + member.password)


class Offer(BaseModel):
    name: str
    text: str | None = None
    price: Decimal
    tax: float = 10.5
    tags: list[str] = []


OFFERS: dict[str, dict[str, Any]] = {
    "plain": {"name": "Plain", "price": "50.20"},
    "full": {"name": "Full", "text": "All of it", "price": 62, "tax": 20.2},
    "said": {"name": "Said", "text": None, "price": 50.2, "tax": 10.5, "tags": []},
}


@app.get("/offers", response_model=list[Offer])
async def offers() -> Any:
    return OFFERS.values()


@app.get("/offers/{name}", response_model=Offer, response_model_exclude_unset=True)
async def offer(name: Literal["plain", "full", "said"]) -> Any:
    return OFFERS[name]


@app.get("/offers/{name}/short", response_model=Offer, response_model_include={"name", "text"})
async def short(name: str) -> Any:
    return OFFERS[name]


@app.get(
    "/offers/{name}/public", response_model=Offer, response_model_exclude={"tax"}, response_model_exclude_none=True
)
async def public(name: str) -> Any:
    return OFFERS[name]


@app.get("/offers/{name}/unusual", response_model=Offer, response_model_exclude_defaults=True)
async def unusual(name: str) -> Any:
    return OFFERS[name]


class Car(BaseModel):
    kind: Literal["car"] = "car"
    seats: int


class Plane(BaseModel):
    kind: Literal["plane"] = "plane"
    wings: int = 2
    seats: int


@app.get("/ways/{number}")
async def way(number: int) -> Annotated[Plane | Car, Field(discriminator="kind")]:
    return Plane(seats=200) if number % 2 else Car(seats=5)


@app.get("/words")
async def words() -> dict[str, float]:
    return {"pi": 3.14, "e": 2.72}


@app.get("/portal")
async def portal(away: bool = False) -> Response:
    if away:
        return RedirectResponse("/elsewhere")
    return JSONResponse({"here": True}, status_code=203, headers={"X-Portal": "open"})


@app.get("/either", response_model=None)
async def either(plain: bool = False) -> Response | dict[str, str]:
    return PlainTextResponse("plain") if plain else {"plain": "no"}


@app.get("/page", response_class=HTMLResponse)
async def page() -> str:
    return "<h1>Members</h1>"


@app.get("/away", response_class=RedirectResponse, status_code=302)
async def away() -> str:
    return "/page"


@app.put("/seats/{seat}", responses={404: {"model": Unknown, "description": "No such seat"}})
async def seat(seat: int, response: Response) -> dict[str, int]:
    if seat > 9:
        raise HTTPException(status_code=404, detail="There are nine seats", headers={"X-Seats": "9"})
    if seat == 9:
        response.status_code = 202
    return {"seat": seat}


@app.get("/direct/{seat}", response_model=Base, responses={404: {"model": Unknown}})
async def direct(seat: int) -> Any:
    if seat:
        return JSONResponse({"message": "No such table"}, status_code=404)
    return {"name": "ada", "email": "ada@example.com", "secret": "engine"}


@app.delete("/seats/{seat}", status_code=204)
async def remove(seat: int) -> None:
    return None
