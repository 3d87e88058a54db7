"""Work on HTTP's own texts: bytes and strings in, plain values out. Nothing here knows ASGI."""
