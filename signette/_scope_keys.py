"""The keys that signette adds to an ASGI scope for its own use.

They are private. Applications read the keys of the ASGI specification, and `app`, `router`, `route`, `endpoint`,
`path_params`, `session`, `user` and `auth`.

Middleware may pass a copy of the scope on, as `RequestLimitsMiddleware` does. So a key that is set further in may be
missing further out; a key that is set further out is always there.

| key        | set by                                             | read by                                            |
|------------|----------------------------------------------------|----------------------------------------------------|
| `STARTED`  | `request_response`, `watched`, `TrackedSend` and   | the direct stack, and the error format of one      |
|            | generated binders, before a response starts        | operation: too late to send another response       |
| `HANDLERS` | `ExceptionMiddleware` and the direct stack: the    | `ScopedHandlers` in a route with middleware; and   |
|            | exception handlers of the application              | `refuse`, for middleware that rejects a request    |
| `ERRORS`   | `ServerErrorMiddleware`: its `ResponseTracker`     | `ExceptionMiddleware` and `BaseHTTPMiddleware`, to |
|            |                                                    | note how the 500 gets out through other middleware |
| `LIMITS`   | `RequestLimitsMiddleware`, `FormLimitsMiddleware`, | `Request` when it parses a form; binders: where it |
|            | direct stack; a binder whose endpoint takes the    | is set, it counts in place of the limits of the    |
|            | `Request`                                          | application that compiled the binder               |
| `RECEIVE`  | `limit_body`: the `LimitedReceive` that counts the | `limit_body` further in, to change its limit;      |
|            | bytes of the body                                  | `dropping`; binders                                |
| `REFUSAL`  | `RequestLimitsMiddleware`: the `LimitExceeded` for | `Rejections`, which raises it inside of the        |
|            | the path, query string or header fields            | middleware                                         |
| `RUNNER`   | a `Dispatcher` that is called as an application:   | `OpenTelemetryMiddleware`, to name the span        |
|            | what it found                                      |                                                    |
| `MOUNTED`  | `Mount`: the path templates of the mounts so far   | `OpenTelemetryMiddleware`, before the route's own  |
| `PASSED`   | `GuardPlan`: channels and limits as they were      | the same, to call the application behind the       |
|            | before the dependencies of a mounted application   | dependencies with these                            |
"""

from typing import Final

STARTED: Final = "signette.started"
HANDLERS: Final = "signette.handlers"
ERRORS: Final = "signette.errors"
LIMITS: Final = "signette.limits"
RECEIVE: Final = "signette.receive"
REFUSAL: Final = "signette.refusal"
RUNNER: Final = "signette.runner"
MOUNTED: Final = "signette.mounted"
PASSED: Final = "signette.passed"
