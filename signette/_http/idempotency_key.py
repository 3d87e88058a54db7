"""Idempotency-Key: the key of a request that a client may repeat (draft-ietf-httpapi-idempotency-key-header §2.1)."""

import re
from collections.abc import Sequence

from signette._http.tokens import TCHAR_CLASS

MAX_KEY_LENGTH = 255

# RFC 8941 §3.3.3: a String, and §3.1.2 parameters after it, which have no meaning here.
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])++)"(?:[ ]*+;[ ]*+[a-z*][^;"]*+(?:"[^"]*+"[^;"]*+)?+)*+')
_ESCAPED = re.compile(r"\\(.)")
# The draft asks for a String; many clients send the key without quotes, as a UUID or a token.
_BARE = re.compile(rf"[{TCHAR_CLASS}:/=@]++")


def parse_idempotency_key(fields: Sequence[str]) -> str | None:
    """The key of the header fields of this name: `"8e03978e"` and `8e03978e` are the same key.

    `None` if it is malformed: several fields, an empty key, a character outside of ASCII, more than 255 characters.
    """
    if len(fields) != 1:
        return None
    text = fields[0].strip(" \t")
    if match := _STRING.fullmatch(text):
        key = _ESCAPED.sub(r"\1", match[1])
    elif _BARE.fullmatch(text):
        key = text
    else:
        return None
    return key if len(key) <= MAX_KEY_LENGTH else None
