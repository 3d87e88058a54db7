import anyio

from signette import App


async def clean_up(older_than: int) -> None: ...


def declare(app: App) -> None:
    async def run() -> None:
        async with app.scope() as scope:
            await scope.call(clean_up)

    anyio.run(run)
