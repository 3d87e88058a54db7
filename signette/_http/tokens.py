"""Tokens (RFC 9110 §5.6.2): methods, names of header fields and cookies, subprotocols, parameters of media types."""

import re

# Each `tchar` of the grammar.
TCHARS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# The same between the brackets of a regular expression, for a pattern that contains tokens.
TCHAR_CLASS = r"!#$%&'*+\-.^_`|~0-9A-Za-z"
TOKEN = re.compile(rf"[{TCHAR_CLASS}]+")
