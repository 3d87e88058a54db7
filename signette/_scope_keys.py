"""The keys that signette adds to an ASGI scope for its own use.

They are private. Applications read the keys of the ASGI specification, and `app`, `router`, `route`, `endpoint`,
`path_params`, `session`, `user` and `auth`.

Middleware may pass a copy of the scope on, as `RequestLimitsMiddleware` does. So a key that is set further in may be
missing further out; a key that is set further out is always there.

| key         | set by                                             | read by                                           |
|-------------|----------------------------------------------------|---------------------------------------------------|
| `STARTED`   | routes, `TrackedSend` and generated binders,       | the direct stack, if nothing is between it and    |
|             | before a response starts                           | the route: too late to send another response      |
| `HANDLERS`  | `ExceptionMiddleware` and the direct stack: the    | `ScopedHandlers` in a route with middleware; and  |
|             | exception handlers of the application              | `send_error`, for middleware that rejects         |
| `ERRORS`    | `ServerErrorMiddleware`: its `ResponseTracker`     | `ExceptionMiddleware`, `BaseHTTPMiddleware`, to   |
|             |                                                    | send the 500 through other middleware             |
| `REQUEST`   | what fails: routes, endpoint classes,              | `failed_request`, for exception handlers, which   |
|             | `BaseHTTPMiddleware`, binders (their variables)    | share what was read of the body                   |
| `LOST`      | a response or WSGI that has failed, and has        | `failed_request`: a handler that reads the body   |
|             | received the body while it waited for a disconnect | would wait for ever                               |
| `EXCHANGE`  | `BaseHTTPMiddleware`: the run of the application   | background tasks, and binders before they close   |
|             | whose response `dispatch` gets                     | `yield` dependencies: both wait for `dispatch`    |
| `LIMITS`    | `RequestLimitsMiddleware`, `FormLimitsMiddleware`, | `Request` when it parses a form; binders, in      |
|             | the direct stack; a binder whose endpoint takes    | place of the limits of the application that       |
|             | the `Request`; None: with `RECEIVE`, where none of | compiled them                                     |
|             | these has set it                                   |                                                   |
| `RECEIVE`   | `limit_body`: the `LimitedReceive` that counts the | `limit_body` further in, to change its limit;     |
|             | bytes of the body                                  | `discard_body`; binders                           |
| `DECODED`   | `decode_body`: the `DecodedReceive` that decodes   | the same further in, to change which codings are  |
|             | the body                                           | accepted; `failed_request`                        |
| `REJECTION` | `RequestLimitsMiddleware`: the error of a path,    | `Rejections`, which raises it inside of the       |
|             | query string or header fields over their limit     | middleware                                        |
| `MATCHED`   | a `Dispatcher` that is called as an application:   | `OpenTelemetryMiddleware`, to name the span       |
|             | what it found                                      |                                                   |
| `MOUNTED`   | `Mount`: the path templates of the mounts so far   | `OpenTelemetryMiddleware`, before the route's own |
| `APP_ROOT`  | `Mount`: the application that has it, and the      | `url_for`, for the routes of an application that  |
|             | `root_path` of that application                    | is mounted                                        |
| `TRACED`    | `OpenTelemetryMiddleware`: the request has a span, | the same further in, which then only calls its    |
|             | or is excluded                                     | application                                       |
| `PASSED`    | `GuardPlan`: channels and limits from before the   | the same, to call the application behind the      |
|             | dependencies of a mounted application              | dependencies with these                           |
| `ORIGINAL`  | a route with its own `get_route_handler`: calls    | the handler of the base class                     |
|             | the binder                                         |                                                   |
| `CUSTOM`    | the same: the `Request` that its handler passes on | the binder, in place of a new one                 |
| `POLICED`   | a route with policies: its `Exchange`              | guards of policies, and parameters for values of  |
|             |                                                    | policies                                          |
| `ROUTED`    | a route of a router with middleware: its binder    | the innermost application of that middleware,     |
|             | for each router around it                          | which serves all routes of the router             |
| `CACHING`   | the policy `Cached`, if it stores the response     | `Tagged` and `Conditional`: the policy sends the  |
|             |                                                    | 304, as it needs the content                      |
| `FORMAT`    | a binder that has chosen another format than the   | `Tagged` and `Conditional`, for the entity tag of |
|             | first one: the end of entity tags in it            | the representation                                |
| `CHECKED`   | `Conditional.check`: the `ETag` and the            | files, which otherwise have those of their bytes  |
|             | `Last-Modified` of the current state               |                                                   |
| `JOB`       | the job that runs: its `JobRun`, in a scope        | `JobRun` and `Progress` parameters of its         |
|             | without a request                                  | function                                          |
"""

from typing import Final

STARTED: Final = "signette.started"
HANDLERS: Final = "signette.handlers"
ERRORS: Final = "signette.errors"
REQUEST: Final = "signette.request"
LOST: Final = "signette.lost"
EXCHANGE: Final = "signette.exchange"
LIMITS: Final = "signette.limits"
RECEIVE: Final = "signette.receive"
DECODED: Final = "signette.decoded"
REJECTION: Final = "signette.rejection"
MATCHED: Final = "signette.matched"
MOUNTED: Final = "signette.mounted"
APP_ROOT: Final = "signette.app_root"
TRACED: Final = "signette.traced"
PASSED: Final = "signette.passed"
ORIGINAL: Final = "signette.original"
CUSTOM: Final = "signette.custom"
POLICED: Final = "signette.policed"
ROUTED: Final = "signette.routed"
CACHING: Final = "signette.caching"
FORMAT: Final = "signette.format"
CHECKED: Final = "signette.checked"
JOB: Final = "signette.job"
