"""Compression with gzip only."""

from collections.abc import Sequence

from signette.middleware.compression import (
    DEFAULT_EXCLUDED_CONTENT_TYPES as DEFAULT_EXCLUDED_CONTENT_TYPES,  # noqa: PLC0414 - handed on: its documented place
)
from signette.middleware.compression import CompressionMiddleware
from signette.types import ASGIApp


class GZipMiddleware(CompressionMiddleware):
    """`CompressionMiddleware` that knows gzip only. `compresslevel` 9 takes some four times as long as 6, and makes a
    page smaller by less than a hundredth. `thread_minimum_size` is 128 KiB by default, and 32 KiB from level 8 on.

    Raises:
        ValueError: `compresslevel` is not one of 0 to 9.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        compresslevel: int = 6,
        thread_minimum_size: int | None = None,
        *,
        exclude_content_types: Sequence[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        super().__init__(
            app,
            minimum_size,
            {"gzip": compresslevel},
            thread_minimum_size,
            codings=("gzip",),
            exclude_content_types=exclude_content_types,
        )
        self.compresslevel = compresslevel
