import anyio

from signette import App


async def clean_up(older_than: int) -> None: ...


async def run(app: App) -> None:
    async with app.scope() as scope:
        await scope.call(clean_up)


def declare(app: App) -> None:
    anyio.run(run, app)
