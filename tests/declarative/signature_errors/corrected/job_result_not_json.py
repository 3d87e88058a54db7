from pydantic import BaseModel

from signette import App


class Report(BaseModel):
    text: str


async def make_report(month: int) -> Report:
    return Report(text=f"month {month}")


def declare(app: App) -> None:
    app.job(make_report)
