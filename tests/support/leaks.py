"""A search for what must not be in a log: secrets and contents of photos."""

import re

_LEAKS = {
    "a presigned URL": r"X-Amz-Signature=|[?&]Signature=|X-Amz-Credential=|X-Amz-Security-Token=",
    "an API key": r"(?i)x-api-key[\"']?\s*[:=]\s*[\"']?[a-z0-9]{16,}",
    "an access key": r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|(?i:aws_secret_access_key)",
    "photo bytes": r"JFIF|x89PNG|u0089PNG|IHDR|/9j/4|iVBORw0KGgo|UklGR|[A-Za-z0-9+/]{300,}|(\\\\?x[0-9a-f]{2}){30,}",
}


def leaks(log: str) -> list[str]:
    """Return the kinds of what was found, each with the start of the find."""
    return [f"{kind}: {found[0][:60]}" for kind, leak in _LEAKS.items() if (found := re.search(leak, log))]
