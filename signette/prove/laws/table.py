"""All laws of signette. A new law is a class in a file of this package, and a line here."""

from collections.abc import Callable

from signette.prove.law import Law
from signette.prove.laws.conditional import EntityTag, NotModified, Preconditions, Ranges
from signette.prove.laws.content import Negotiation, Vary
from signette.prove.laws.encodings import ContentEncoding
from signette.prove.laws.messages import Charset, ContentLength, HeaderSyntax, NoContent
from signette.prove.laws.methods import Head, IdempotentMethods, MethodNotAllowed, Options, SafeMethods
from signette.prove.laws.pages import Pages
from signette.prove.laws.parameters import NoEcho, RequiredParameters, UnknownParameters
from signette.prove.laws.policies import Deprecation, IdempotencyKeys, RateLimits
from signette.prove.laws.problem import ProblemMembers
from signette.prove.laws.request_bodies import BodyLimit, MalformedBody, RequestMediaType
from signette.prove.laws.security import Challenge, Credentials, SharedCache
from signette.prove.laws.streams import CSVColumns, EventData
from signette.prove.laws.urls import Location, Redirects

LAWS: tuple[Callable[[], Law], ...] = (
    # A single response.
    ProblemMembers,
    ContentLength,
    NoContent,
    Charset,
    HeaderSyntax,
    EventData,
    CSVColumns,
    Challenge,
    SharedCache,
    # Requests.
    RequiredParameters,
    UnknownParameters,
    NoEcho,
    Credentials,
    BodyLimit,
    RequestMediaType,
    MalformedBody,
    # Methods.
    Head,
    MethodNotAllowed,
    Options,
    SafeMethods,
    IdempotentMethods,
    # Conditional requests, ranges, formats and caches.
    EntityTag,
    NotModified,
    Preconditions,
    Ranges,
    Negotiation,
    ContentEncoding,
    Vary,
    # URLs in responses.
    Redirects,
    Location,
    Pages,
    # Policies.
    IdempotencyKeys,
    RateLimits,
    Deprecation,
)
"""What makes the laws: they are made for each operation, after the checks of `signette.prove.declared`."""
