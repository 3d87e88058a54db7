"""Dependency injection by dishka, with its integration for FastAPI."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, make_async_container, provide
from dishka.integrations.fastapi import FastapiProvider, FromDishka, inject, setup_dishka

from signette import App
from tests.interop.serving import served


class Numbers(Provider):
    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    @provide(scope=Scope.REQUEST)
    async def number(self) -> AsyncIterator[int]:
        yield 7
        self.closed += 1


def test_typed_endpoints_get_what_it_provides() -> None:
    app, numbers = App(), Numbers()

    @app.get("/times/{factor}")
    @inject
    async def times(factor: int, number: FromDishka[int]) -> int:
        return factor * number

    setup_dishka(make_async_container(numbers, FastapiProvider()), app)
    with served(app) as client:
        assert client.get("/times/3").json() == 21
        assert client.get("/times/x").status_code == 422
    assert numbers.closed == 1
    names = [each["name"] for each in app.openapi()["paths"]["/times/{factor}"]["get"]["parameters"]]
    assert names == ["factor"]
