from signette import App
from signette.policies import CancelOnDisconnect


async def report() -> None: ...


def declare(app: App) -> None:
    app.get("/report", cancel_on_disconnect=False, policies=[CancelOnDisconnect()])(report)
