"""PUT, PATCH and DELETE of a resource that other operations show."""

from pydantic import BaseModel

from signette import App, NoContent, Patch


class Settings(BaseModel):
    size: int = 3
    color: str = "red"


app = App()
state = {"settings": Settings(), "visits": 0}


@app.get("/settings")
async def read_settings() -> Settings:
    return state["settings"]


@app.put("/settings")
async def replace_settings(settings: Settings) -> Settings:
    state["settings"] = settings
    return settings


@app.patch("/settings")
async def change_settings(patch: Patch[Settings]) -> Settings:
    state["settings"] = patch.apply(state["settings"])
    return state["settings"]


@app.delete("/settings")
async def reset_settings() -> NoContent:
    state["settings"] = Settings()
    return NoContent()


@app.post("/visits")
async def count_visit() -> int:
    state["visits"] += 1
    return state["visits"]


@app.get("/visits")
async def visits() -> int:
    return state["visits"]


REPORTED: set[tuple[str, str]] = set()
