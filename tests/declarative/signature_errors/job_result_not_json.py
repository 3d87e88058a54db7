from signette import App


class Report:
    def __init__(self, text: str) -> None:
        self.text = text


async def make_report(month: int) -> Report:
    return Report(f"month {month}")


def declare(app: App) -> None:
    app.job(make_report)
