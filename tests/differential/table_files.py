"""Differences between files, their ranges and their conditions."""

import re

from tests.differential.differences import (
    NOTHING_TO_DO,
    WHOLE,
    Difference,
    Seen,
    all_of_it,
    fields,
    statuses,
    when,
)
from tests.differential.exchanges import Ask


def _is_file(seen: Seen) -> bool:
    return seen.application == "files"


def _range_of(seen: Seen) -> str:
    return seen.ask.field(b"range").decode("latin-1")


def _is_tags(seen: Seen) -> bool:
    """Whether `If-None-Match` is a star, or a list of tags alone."""
    items = [item.strip() for item in seen.ask.field(b"if-none-match").decode("latin-1").split(",")]
    return items == ["*"] or all(item.removeprefix("W/").startswith('"') for item in items if item)


# Two slashes, a segment of dots, an escaped slash, a back slash, or a slash at the end.
_OTHER_PATH = re.compile(r"//|/(?:\.|%2e){1,2}(?:/|$)|%2f|%5c|\\|/$", re.IGNORECASE)

_FILE_FACTS = ("etag", "last-modified", "accept-ranges", "content-range", "content-disposition")

FILES = [
    Difference(
        "etag",
        "the `ETag` of a file is an MD5 of its time and size",
        "it is its time in nanoseconds and its size",
        "nothing; caches fetch the file once more",
        ("files", Ask(target="/plain/ten.bin")),
        when(lambda seen: _is_file(seen) and seen.theirs.header("etag") and seen.ours.header("etag"), "etag"),
    ),
    Difference(
        "conditional files",
        "`FileResponse` sends the file to clients that have it already",
        "it responds to `If-None-Match` and `If-Modified-Since` with 304, as `StaticFiles` does",
        "`conditional = False` on a subclass to send it each time",
        ("files", Ask(target="/file/ten.bin", headers=fields(if_none_match="*"))),
        when(
            lambda seen: _is_file(seen) and seen.ours.status == 304 and seen.ask.target.startswith("/file"),
            *(*WHOLE, *_FILE_FACTS),
        ),
    ),
    Difference(
        "other units",
        "a `Range` in another unit than bytes is a 400",
        "it is ignored (RFC 9110 §14.2)",
        NOTHING_TO_DO,
        ("files", Ask(target="/file/ten.bin", headers=fields(range="items=0-1"))),
        when(
            lambda seen: (
                _is_file(seen) and statuses(400, 200)(seen) and not _range_of(seen).lower().startswith("bytes")
            ),
            *(*WHOLE, *_FILE_FACTS),
        ),
    ),
    Difference(
        "some ranges",
        "one range after the end of the file makes the whole request a 416",
        "the other ranges are sent",
        NOTHING_TO_DO,
        ("files", Ask(target="/file/ten.bin", headers=fields(range="bytes=0-1,99-"))),
        when(lambda seen: _is_file(seen) and statuses(416, 206)(seen) and "," in _range_of(seen), *WHOLE, *_FILE_FACTS),
    ),
    Difference(
        "plain digits",
        "`+1` and `1_0` are numbers in `Range`",
        "numbers consist of digits; an invalid range is left out, or a 400 if there is no other",
        NOTHING_TO_DO,
        ("files", Ask(target="/file/ten.bin", headers=fields(range="bytes=+1-2"))),
        when(lambda seen: _is_file(seen) and {"+", "_"} & set(_range_of(seen)), *WHOLE, *_FILE_FACTS),
    ),
    Difference(
        "upside down",
        "a range that ends before it starts is a 400, or a 416 if it starts after the end of the file",
        "it is a 400",
        NOTHING_TO_DO,
        ("files", Ask(target="/file/ten.bin", headers=fields(range="bytes=99-1"))),
        when(
            lambda seen: statuses(416, 400, application="files")(seen) and seen.ours.header("content-range") is None,
            *(*WHOLE, *_FILE_FACTS),
        ),
    ),
    Difference(
        "no tags",
        "`If-None-Match` matches by its tags, even if the rest of it is invalid",
        "an invalid list of tags matches nothing",
        NOTHING_TO_DO,
        ("files", Ask(target="/plain/ten.bin", headers=fields(if_none_match='"{etag}", *'))),
        all_of_it(lambda seen: _is_file(seen) and seen.theirs.status == 304 and not _is_tags(seen)),
    ),
    Difference(
        "HEAD and ranges",
        "the error response for a `Range` has a body, also for HEAD",
        "it has none",
        NOTHING_TO_DO,
        ("files", Ask("HEAD", "/file/ten.bin", headers=fields(range="bytes"))),
        when(lambda seen: statuses(400, 400, application="files")(seen) and seen.ask.method == "HEAD", "body"),
    ),
    Difference(
        "404.html",
        "with `html=True` a path that no file can have (NUL, too long) is a plain 404",
        "it is the `404.html`, as for any other path",
        NOTHING_TO_DO,
        ("files", Ask(target="/site/%00")),
        all_of_it(lambda seen: statuses(404, 404, application="files")(seen) and seen.theirs.header("etag") is None),
    ),
    Difference(
        "other paths",
        "a path with `//`, `/./`, `/../`, an escaped slash or a slash after the name is the same file",
        "each is a 404, so that routes before the files protect them",
        "remove them from links",
        ("files", Ask(target="/plain/sub//index.html")),
        all_of_it(lambda seen: _is_file(seen) and seen.ours.status == 404 and _OTHER_PATH.search(seen.ask.target)),
    ),
    Difference(
        "dotfiles",
        "files whose names start with a dot are served, such as `.env`",
        "they are a 404, except below `/.well-known/`",
        "`StaticFiles(dotfiles=True)`",
        ("files", Ask(target="/plain/.env")),
        all_of_it(lambda seen: _is_file(seen) and seen.ours.status == 404 and "/." in seen.ask.path),
    ),
]
