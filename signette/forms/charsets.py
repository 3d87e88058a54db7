"""The charsets of forms: names of text encodings, and the codecs that decode them.

A fixed table, as `codecs.lookup` imports modules by the name that a client sends, caches each name forever, and has
codecs that are not charsets ("zip", "punycode"). Its names are the labels of the WHATWG's Encoding Standard, section
4.2, except those that the standard replaces by UTF-8 when it encodes a form: UTF-16, the stateful ISO-2022-KR and HZ.
"""

# The labels of each codec, with hyphens for underscores. A label that Python has, too, means what it means in Python:
# `iso-8859-1` is Latin-1, for which browsers take windows-1252.
_LABELS = {
    "utf-8": "ansi-x3.4-1968 ascii unicode-1-1-utf-8 unicode11utf8 unicode20utf8 us-ascii utf-8 utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-8859-2:1987 iso-ir-101 iso8859-2 iso88592 l2 latin2",
    "iso8859-3": "csisolatin3 iso-8859-3 iso-8859-3:1988 iso-ir-109 iso8859-3 iso88593 l3 latin3",
    "iso8859-4": "csisolatin4 iso-8859-4 iso-8859-4:1988 iso-ir-110 iso8859-4 iso88594 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-8859-5:1988 iso-ir-144 iso8859-5 iso88595",
    "iso8859-6": (
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i "
        "iso-8859-6:1987 iso-ir-127 iso8859-6 iso88596"
    ),
    "iso8859-7": (
        "csisolatingreek ecma-118 elot-928 greek greek8 iso-8859-7 iso-8859-7:1987 iso-ir-126 iso8859-7 iso88597 "
        "sun-eu-greek"
    ),
    "iso8859-8": (
        "csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-8859-8-i iso-8859-8:1988 "
        "iso-ir-138 iso8859-8 iso88598 logical visual"
    ),
    "iso8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 l9",
    "iso8859-16": "iso-8859-16 iso8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r",
    "koi8-u": "koi8-ru koi8-u",
    "mac-roman": "csmacintosh mac mac-roman macintosh x-mac-roman",
    "cp874": "cp874 dos-874 iso885911 windows-874",
    "iso8859-11": "iso-8859-11 iso8859-11",
    "tis-620": "tis-620",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "cp1252 iso88591 windows-1252 x-cp1252",
    "latin-1": "cp819 csisolatin1 ibm819 iso-8859-1 iso-8859-1:1987 iso-ir-100 iso8859-1 l1 latin-1 latin1",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 iso88599 windows-1254 x-cp1254",
    "iso8859-9": "csisolatin5 iso-8859-9 iso-8859-9:1989 iso-ir-148 iso8859-9 l5 latin5",
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "mac-cyrillic": "mac-cyrillic x-mac-cyrillic x-mac-ukrainian",
    "gbk": "chinese csgb2312 csiso58gb231280 gb-2312 gb-2312-80 gb2312 gbk iso-ir-58 x-gbk",
    "gb18030": "gb18030",
    "big5": "big5 csbig5",
    "big5hkscs": "big5-hkscs big5hkscs cn-big5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022_jp": "csiso2022jp iso-2022-jp iso2022-jp",
    "shift_jis": "csshiftjis shift-jis sjis",
    "cp932": "cp932 ms-kanji ms932 windows-31j x-sjis",
    "cp949": "cp949 cseuckr csksc56011987 iso-ir-149 ks-c-5601-1989 ksc-5601 windows-949",
    "euc_kr": "euc-kr korean ks-c-5601-1987 ksc5601",
}

CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}


def codec_of(charset: str | None) -> str:
    """The codec for the `charset` of a form's Content-Type; UTF-8 if it is missing or unknown."""
    return "utf-8" if charset is None else CODECS.get(charset.lower().replace("_", "-"), "utf-8")
