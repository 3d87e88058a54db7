"""Request streams: the items of a request body, validated as they arrive."""
