"""Calls airports by its generated module, in a process without signette."""

import sys
import tempfile
from pathlib import Path

import airports_client as api
import anyio
import pytest


async def look_up(client: api.AsyncClient) -> api.Airport:
    with pytest.raises(api.AirportNotFound) as not_found:
        await client.get_airport(code="ZZZZ")
    assert not_found.value.code == "ZZZZ"
    return await client.get_airport(code="fra", units=api.Units.METRIC)


async def move(client: api.AsyncClient, code: str) -> str | None:
    changed = await client.change_airport(code=code, patch={"city": "Nowhere"})
    if isinstance(changed, api.AirportNotFound):
        return None
    assert isinstance(changed, api.Airport)
    return changed.city


async def main(url: str) -> None:
    async with api.AsyncClient(url, auth=api.APIKey("demo")) as client:
        airport = await look_up(client)
        assert airport.icao == "EDDF"
        in_feet = await client.get_airport(code="fra", units=api.Units.IMPERIAL)
        assert in_feet.elevation.unit == "ft"

        page = await client.search_airports(search=api.AirportSearch(country="DE", page_size=3))
        assert len(page.items) == 3
        near = await client.nearest_airports(latitude=50.11, longitude=8.68, limit=2, within_km=100)
        assert near[0].airport.icao == "EDDF"
        assert near[0].distance.unit == "km"

        new = airport.model_copy(update={"icao": "XXXX", "iata": None, "name": "Somewhere"})
        reply = await client.reply(client.create_airport, airport=new)
        assert (reply.status, reply.location) == (201, "/airports/XXXX"), reply
        assert isinstance(await client.create_airport(airport=new), api.DuplicateCode)
        created = await client.delete_airport(code="YYYY")
        assert created == api.AirportNotFound(code="YYYY")  # the operation returns it
        assert [await move(client, code) for code in ("XXXX", "YYYY")] == ["Nowhere", None]

        with pytest.raises(api.KeyNotKnown):
            await client.with_options(auth=api.APIKey("wrong")).delete_airport(code="XXXX")
        # The application validates what the models of the module do not.
        with pytest.raises(api.UnexpectedResponse, match="a box has four sides") as unexpected:
            await client.search_airports(search=api.AirportSearch(south=1.0))
        assert unexpected.value.status == 422

        for number in range(5):
            form = api.ReviewForm(author=f"A{number}", rating=number + 1)
            assert isinstance(await client.write_review(code="XXXX", form=form), api.Review)
        first = await client.list_reviews(code="XXXX", limit=2)
        assert len(first.items) == 2
        assert [each.author async for each in client.list_reviews(code="XXXX", limit=2)] == [
            "A4",
            "A3",
            "A2",
            "A1",
            "A0",
        ]

        rows = [api.Correction(icao="XXXX", name="Elsewhere"), api.Correction(icao="ZZZZ")]
        previews = [each async for each in client.preview_corrections(rows=rows)]
        assert [each.icao for each in previews] == ["XXXX", "ZZZZ"]
        assert previews[1].faults
        report = await client.stream_corrections(rows=rows)
        assert report.applied == 1
        assert [each.icao for each in report.rejected] == ["ZZZZ"]
        exported = [each.icao async for each in client.export_airports(country="LI")]
        assert exported == [each.icao async for each in client.download_airports(country="LI")]

        await client.delete_airport(code="XXXX")

        # The last request: the application works on its database after the response.
        template = await client.download_template()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "corrections.csv")
            file.write_bytes(template)
            uploaded = await client.upload_corrections(file=file, dry_run=True)
            assert isinstance(uploaded, api.CorrectionReport | api.UnreadableFile)

    with api.Client(url) as blocking:
        found = blocking.get_airport(code="JFK")
        assert found.iata == "JFK"
        assert blocking.reply(blocking.list_countries).status == 200
        assert len(list(blocking.list_reviews(code="FRA"))) == 0
        assert blocking.download_template().read() == template


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
