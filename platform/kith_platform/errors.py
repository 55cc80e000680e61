"""Errors that reach people: each says what happened, why, and what to do.

Every error that leaves a service is one of these, so that a screen, the API and the command line can
show it without knowing who raised it. ``code`` is stable and meant for programs, ``message`` and ``hint``
are sentences for people, ``field`` names the input at fault, ``status`` is the HTTP status that fits.

::

    KithError                500  something we did not foresee; base of all
    ├── Invalid              422  the input breaks a rule
    ├── NotSignedIn          401  nobody is signed in, or the token is dead
    ├── Forbidden            403  known person, missing right
    ├── NotFound             404  no such thing, or not for these eyes
    ├── Conflict             409  somebody else was faster
    ├── TooLarge             413  more bytes, rows or nodes than allowed
    ├── RateLimited          429  too many tries; ``retry_after`` seconds
    ├── Misconfigured        500  a setting is wrong; told at start
    ├── StorageFull          507  the disk has no room; nothing was saved
    └── Busy                 503  try again soon; ``retry_after`` seconds
        └── DatabaseBusy     503  a lock, a deadlock, a full pool or a lost database
"""

from __future__ import annotations


class KithError(Exception):
    """An error with a stable code and sentences for people.

    Example::

        raise Invalid("password_short", "The password has 6 characters.", "Use 10 or more.", "password")
    """

    status: int = 500

    def __init__(
        self, code: str, message: str, hint: str = "", field: str | None = None, *, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"


class Invalid(KithError):
    """The input breaks a rule; ``field`` names where."""

    status = 422


class NotSignedIn(KithError):
    """Nobody is signed in, or the session or token is unknown, ended or expired."""

    status = 401


class Forbidden(KithError):
    """The actor is known and lacks the right."""

    status = 403


class NotFound(KithError):
    """There is no such thing, or the actor may not know of it; both sound the same."""

    status = 404


class Conflict(KithError):
    """The thing changed meanwhile, or it exists already."""

    status = 409


class TooLarge(KithError):
    """The input is larger than the limit that the message names."""

    status = 413


class _Later(KithError):
    """Shared part of the errors that end by waiting ``retry_after`` seconds."""

    def __init__(
        self, code: str, message: str, hint: str = "", field: str | None = None, *, retry_after: float = 1.0
    ) -> None:
        super().__init__(code, message, hint, field)
        self.retry_after = retry_after


class RateLimited(_Later):
    """Too many tries; the next one counts after ``retry_after`` seconds."""

    status = 429


class Misconfigured(KithError):
    """A setting or the environment is wrong; raised at start, never in a request."""

    status = 500


class StorageFull(KithError):
    """The disk under the database or the files is full; the transaction was rolled back."""

    status = 507


class Busy(_Later):
    """The service cannot answer now; nothing was changed, and trying again is safe."""

    status = 503


class DatabaseBusy(Busy):
    """The database is locked, dead-locked, out of connections or away; the transaction was rolled back."""
