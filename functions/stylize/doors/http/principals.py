"""The caller's identity: with IAM and Cognito every principal has a prefix of their own.

The identity comes from the request's context, which API Gateway has verified, and never from the caller's own input.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ...errors import NotAuthorized
from ...settings import ApiAuth
from .request import Request

_NAMES = {ApiAuth.IAM: "IAM", ApiAuth.COGNITO: "Cognito"}

_PLAIN = re.compile(r"[A-Za-z0-9-]{1,64}")


def own_prefix(request: Request, auth: ApiAuth) -> str:
    """Return the prefix of all the caller's keys; empty with API keys, which do not identify callers.

    Raises NotAuthorized when the context has no identity.
    """
    if auth is ApiAuth.KEY:
        return ""
    name = _cognito_user(request.context) if auth is ApiAuth.COGNITO else _iam_principal(request.context)
    if not name:
        raise NotAuthorized(f"expected a caller whom {_NAMES[auth]} knows, got none")
    plain = name.replace(":", "-")
    if not _PLAIN.fullmatch(plain):
        plain = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{auth}-{plain}/"


def _cognito_user(context: Mapping[str, Any]) -> str:
    """Return the `sub` of the user, which is never reassigned, unlike a user name."""
    authorizer = _mapping(context.get("authorizer"))
    claims = _mapping(authorizer.get("claims")) or _mapping(_mapping(authorizer.get("jwt")).get("claims"))
    return str(claims.get("sub") or "")


def _iam_principal(context: Mapping[str, Any]) -> str:
    """Return the identity of an identity pool, or the unique id of a user or a role.

    All sessions of a role are one principal, because the caller who assumes a role chooses the session's name.
    """
    identity, iam = _mapping(context.get("identity")), _mapping(_mapping(context.get("authorizer")).get("iam"))
    pooled = identity.get("cognitoIdentityId") or _mapping(iam.get("cognitoIdentity")).get("identityId")
    if pooled:
        return str(pooled)
    caller = identity.get("caller") or iam.get("callerId") or iam.get("userId") or ""
    return str(caller).partition(":")[0]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
