from signette import App


def declare(app: App) -> None:
    class Mails:
        @app.job
        async def send_receipt(self, order_id: int) -> None: ...  # type: ignore[no-untyped-def, unused-ignore]
