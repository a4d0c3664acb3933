"""Why an upload failed, in a form that a queue's message attributes can hold."""

from ..errors import AtelierError, PhotosFailed

LONGEST = 1000
"""Characters of a text: attributes and body share one limit, and the body is not to be cut."""


def why(failure: BaseException, tries: int) -> dict[str, str | int]:
    """ErrorType (our code, or the class of a foreign error), ErrorMessage, Tries and, where known, PhotoKey.

    Of several photos in one message it is the first that failed; the logs have them all.
    """
    reason: dict[str, str | int] = {"Tries": tries}
    if isinstance(failure, PhotosFailed):
        reason["PhotoKey"] = _plain(failure.photo_keys[0])
        failure = failure.exceptions[0]
    reason["ErrorType"] = failure.code if isinstance(failure, AtelierError) else type(failure).__name__
    reason["ErrorMessage"] = _plain(str(failure))
    return reason


def _plain(text: str) -> str:
    """Cut, never empty, and what XML or a terminal could stumble over escaped."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
    return safe[:LONGEST] or "-"
