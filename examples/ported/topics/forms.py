"""Forms and files: fields, models of fields, files in memory and as they came."""

from typing import Annotated

from pydantic import BaseModel, Field

from signette import App, File, Form, UploadFile

app = App(title="Post office")


@app.post("/login")
async def login(username: Annotated[str, Form()], password: Annotated[str, Form(min_length=3)]) -> dict[str, object]:
    return {"username": username, "length": len(password)}


class Letter(BaseModel):
    to: str
    weight: float = Field(gt=0)
    express: bool = False
    stamps: list[str] = []


@app.post("/letters")
async def letter(letter: Annotated[Letter, Form()]) -> Letter:
    return letter


class Strict(BaseModel):
    model_config = {"extra": "forbid"}

    name: str
    note: str | None = None


@app.post("/strict")
async def strict(data: Annotated[Strict, Form()]) -> Strict:
    return data


@app.post("/size")
async def size(file: Annotated[bytes, File()]) -> dict[str, int]:
    return {"size": len(file)}


@app.post("/upload")
async def upload(file: UploadFile) -> dict[str, object]:
    return {"name": file.filename, "type": file.content_type, "text": (await file.read()).decode()}


@app.post("/optional")
async def optional(file: UploadFile | None = None, note: Annotated[str | None, Form()] = None) -> dict[str, object]:
    return {"name": file and file.filename, "note": note}


@app.post("/many")
async def many(files: Annotated[list[UploadFile], File(description="As many as you like")]) -> dict[str, object]:
    return {"names": [file.filename for file in files]}


@app.post("/contents")
def contents(files: Annotated[list[bytes], File()]) -> dict[str, object]:
    return {"sizes": [len(file) for file in files]}


@app.post("/parcel")
async def parcel(
    file: Annotated[bytes, File()],
    attached: Annotated[UploadFile, File()],
    token: Annotated[str, Form()],
    copies: Annotated[int, Form(ge=1)] = 1,
) -> dict[str, object]:
    return {"size": len(file), "type": attached.content_type, "token": token, "copies": copies}
