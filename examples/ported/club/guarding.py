"""How the club knows its members: by the name in their session."""

from signette.authentication import AuthCredentials, AuthenticationBackend, BaseUser, SimpleUser
from signette.requests import HTTPConnection


class SessionBackend(AuthenticationBackend):
    """A member is whoever signed in, and still is one."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        member = conn.state.members.by_name.get(conn.session.get("member"))
        if member is None:
            return None
        return AuthCredentials(["authenticated", *member.scopes]), SimpleUser(member.name)
