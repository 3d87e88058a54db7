"""Values as JSON has them, for who stores or compares them: `jsonable_encoder`."""

from signette.declarative.adapters.jsonable import jsonable_encoder

__all__ = ["jsonable_encoder"]
