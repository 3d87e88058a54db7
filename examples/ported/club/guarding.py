"""The authentication backend: the name in the session."""

from signette.authentication import AuthCredentials, AuthenticationBackend, BaseUser, SimpleUser
from signette.requests import HTTPConnection


class SessionBackend(AuthenticationBackend):
    """A user who is logged in and is still a member."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        member = conn.state.members.by_name.get(conn.session.get("member"))
        if member is None:
            return None
        return AuthCredentials(["authenticated", *member.scopes]), SimpleUser(member.name)
