"""Calls the tour by its generated module, in a process without signette."""

import sys

import anyio
import tour_client as api


async def main(url: str) -> None:
    async with api.AsyncClient(url) as client:
        found = await client.search(q="a b", tag=["x", "y&z"])
        assert (found.query, found.tags) == ("a b", ["x", "y&z"]), found
        post = await client.user_post(user_id=1, post_id=2)
        assert (post.user_id, post.post_id) == (1, 2)
        assert (await client.json_endpoint(data={"a": [1, None]})).received == {"a": [1, None]}
        form = await client.form_endpoint(name="Ada", interest=["a", "b"], avatar=("a.txt", b"hello", "text/plain"))
        assert (form.name, form.interests) == ("Ada", ["a", "b"])
        assert await client.text()
        assert "".join([chunk async for chunk in client.stream(pause=0)])
        events = [event.data async for event in client.server_sent_events(count=2, pause=0)]
        assert len(events) >= 2
        await client.publish(text=b"news")
        assert await client.wait_for_news(pause=0) == ["news"]
        raw = await client.raw_body(body=b"abc", content_type="text/plain")
        assert (raw.body_size, raw.content_type) == (3, "text/plain")


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
