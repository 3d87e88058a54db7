"""`Vary`: which request headers a response depends on."""

from signette.datastructures.headers import Field, MutableHeaders


def add_vary(fields: list[Field], name: bytes) -> None:
    """Add a name of a field to `Vary`, in place; nothing changes if it is there already, or `*`."""
    for field in fields:
        if field[0].lower() == b"vary":
            MutableHeaders(raw=fields).add_vary_header(name.decode("latin-1"))
            return
    fields.append((b"vary", name))
