from pydantic import BaseModel, Field

from signette import App, JSONPatch


class Receipt(BaseModel):
    number: int = Field(frozen=True)
    note: str = ""


async def change(receipt_id: int, patch: JSONPatch[Receipt]) -> None: ...


def declare(app: App) -> None:
    app.patch("/receipts/{receipt_id}")(change)
