"""The adapter to httpx2, or to httpx if httpx2 is not installed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2 as httpx
else:
    try:
        import httpx2 as httpx
    except ModuleNotFoundError:
        try:
            import httpx
        except ModuleNotFoundError as missing:
            msg = (
                "`signette.testclient` requires httpx2, which is not installed. "
                "Install it with `pip install 'signette[testclient]'`."
            )
            raise ImportError(msg) from missing

__all__ = ["httpx"]
