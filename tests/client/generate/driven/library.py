"""Calls the application of the tutorial's chapter on clients by its generated module."""

import sys

from library_client import AsyncClient, Book, BookNotFound, Client, NewBook


async def add_and_read(url: str) -> None:
    async with AsyncClient(url) as client:
        added = await client.add_book(book=NewBook(title="Middlemarch"))
        assert await client.read_book(number=added.number) == added
        assert [book.title async for book in client.list_books(limit=2)] == ["Emma", "Persuasion", "Middlemarch"]


def read(url: str) -> Book:
    with Client(url) as client:
        try:
            return client.read_book(number=99)
        except BookNotFound as problem:
            title = f"Book {problem.number}"
        reply = client.reply(client.add_book, book=NewBook(title=title))
        assert (reply.status, reply.location) == (201, f"/books/{reply.value.number}")
        return reply.value


if __name__ == "__main__":
    import anyio

    anyio.run(add_and_read, sys.argv[1])
    assert read(sys.argv[1]).title == "Book 99"
