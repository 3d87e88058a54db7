"""Calls whose result is a stream of items."""

from typing import Any

from signette.client.runtime.calls import AsyncCall, BlockingCall
from signette.client.runtime.decoding import ResponseDecoder, media_type_in
from signette.client.runtime.errors import UnexpectedResponse
from signette.client.runtime.items import AsyncItems, BlockingItems, ItemReader, item_format
from signette.client.runtime.spec import ResultSpec
from signette.client.runtime.transport import BlockingReceived, Pairs, Received


def async_items(call: AsyncCall) -> AsyncItems[Any]:
    """The items of a response."""

    async def open_response() -> tuple[Received, ItemReader[Any]]:
        received = await call.open()
        try:
            return received, item_reader(call.decoder, call.result, received.status, received.headers)
        except UnexpectedResponse:
            await received.aclose()
            raise

    return AsyncItems(open_response)


def blocking_items(call: BlockingCall) -> BlockingItems[Any]:
    """The items of a response, without `async`."""

    def open_response() -> tuple[BlockingReceived, ItemReader[Any]]:
        received = call.open()
        try:
            return received, item_reader(call.decoder, call.result, received.status, received.headers)
        except UnexpectedResponse:
            received.close()
            raise

    return BlockingItems(open_response)


def item_reader(decoder: ResponseDecoder, result: ResultSpec, status: int, headers: Pairs) -> ItemReader[Any]:
    """What reads the items of a response. Raises UnexpectedResponse for another media type."""
    media_type = media_type_in(headers)
    if item_format(media_type) is None:
        raise UnexpectedResponse(decoder.operation, status, headers, b"", "the media type is not one of items")
    reader = decoder.type_of(result.type, result)
    return ItemReader(media_type, result.type, reader.of_json, by_alias=result.by_alias)
