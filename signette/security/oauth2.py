"""OAuth 2 schemes, the form of a login, and the scopes that are required."""

from signette.declarative.security.login_form import OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict
from signette.declarative.security.oauth2 import OAuth2, OAuth2AuthorizationCodeBearer, OAuth2PasswordBearer
from signette.declarative.signature.depends import SecurityScopes

__all__ = [
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "SecurityScopes",
]
