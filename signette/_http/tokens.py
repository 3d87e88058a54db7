"""Tokens (RFC 9110 §5.6.2): methods, names of header fields and cookies, subprotocols, parameters of media types."""

import re

# All characters of the rule `tchar`.
TCHARS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# The same as the content of a character class, for patterns that contain tokens.
TCHAR_CLASS = r"!#$%&'*+\-.^_`|~0-9A-Za-z"
TOKEN = re.compile(rf"[{TCHAR_CLASS}]+")
