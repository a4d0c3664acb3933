"""Who calls, and what is theirs: under IAM and Cognito everybody has a prefix of their own.

What API Gateway has verified stands in the request's context; nothing that a caller writes itself is believed.
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
    """Return the prefix under which all keys of the caller lie; empty where keys are no persons.

    Raises NotAuthorized when nobody has said who calls.
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
    """The `sub` of the user: unlike a name it is never given to another."""
    authorizer = _mapping(context.get("authorizer"))
    claims = _mapping(authorizer.get("claims")) or _mapping(_mapping(authorizer.get("jwt")).get("claims"))
    return str(claims.get("sub") or "")


def _iam_principal(context: Mapping[str, Any]) -> str:
    """The identity of an identity pool, or the unique id of a user or a role.

    Sessions of one role are one principal: who assumes a role chooses the session's name.
    """
    identity, iam = _mapping(context.get("identity")), _mapping(_mapping(context.get("authorizer")).get("iam"))
    pooled = identity.get("cognitoIdentityId") or _mapping(iam.get("cognitoIdentity")).get("identityId")
    if pooled:
        return str(pooled)
    caller = identity.get("caller") or iam.get("callerId") or iam.get("userId") or ""
    return str(caller).partition(":")[0]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
