"""Every error of Atelier.

    AtelierError                    code, retryable
    ├── Refusal                     the sender's fault: answered, recorded, counted, never retried
    │   ├── UnreadablePhoto         unreadable_photo
    │   ├── UnsupportedFormat       unsupported_format
    │   ├── PhotoTooLarge           photo_too_large
    │   ├── BadRecipe               bad_recipe
    │   ├── PhotoNotFound           photo_not_found
    │   ├── ArchivedPhoto           archived_photo
    │   ├── EncryptedPhoto          encrypted_photo
    │   ├── KeyTooLong              key_too_long
    │   └── OwnPainting             own_painting
    ├── Postponed                   temporary: raised, so that the photo is redelivered
    │   ├── OutOfTime               out_of_time
    │   ├── ReturnedUnstarted       returned_unstarted
    │   ├── BeingPainted            being_painted
    │   └── StillChanging           still_changing
    ├── BadRequest                  bad_request: an API request or a direct invocation that can't be understood
    ├── NotAuthorized               not_authorized: the caller, or the function itself, lacks a permission
    ├── ForeignBucket               foreign_bucket: a photo of a bucket that is not the stack's, which denies access
    ├── NotFound                    not_found: an API request for a photo or route that does not exist
    ├── BadSettings                 bad_settings: the function's environment is invalid
    └── UnknownEvent                unknown_event: an event that no door understands
    PhotosFailed                    an ExceptionGroup: the failed photos of one event

Any other error is unexpected: it is raised, so that the event is redelivered. A message says what is wrong, what was
expected and what was given.
"""

from collections.abc import Mapping
from typing import ClassVar


class AtelierError(Exception):
    """Base class. `code` is stable and meant for programs; `retryable` says whether a retry can help."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False


class Refusal(AtelierError):
    """The photo can't be painted, or not by this recipe, and no retry can help."""


class UnreadablePhoto(Refusal):
    """Not an image, or a damaged one."""

    code = "unreadable_photo"


class UnsupportedFormat(Refusal):
    """An image of a format that is not painted."""

    code = "unsupported_format"


class PhotoTooLarge(Refusal):
    """More bytes or more pixels than the function accepts."""

    code = "photo_too_large"


class BadRecipe(Refusal):
    """A recipe that can't be read, or whose paintings can't be produced."""

    code = "bad_recipe"


class PhotoNotFound(Refusal):
    """The photo was deleted, or never existed."""

    code = "photo_not_found"


class ArchivedPhoto(Refusal):
    """In a storage class that has to be restored before it can be read."""

    code = "archived_photo"


class EncryptedPhoto(Refusal):
    """Encrypted with a key that the function does not hold or may not use."""

    code = "encrypted_photo"


class KeyTooLong(Refusal):
    """The keys of the photo's paintings would exceed S3's limit."""

    code = "key_too_long"


class OwnPainting(Refusal):
    """An object of the paintings bucket. A record there would be announced as well, without end."""

    code = "own_painting"


class Postponed(AtelierError):
    """The photo can be painted, but not now."""

    retryable = True


class OutOfTime(Postponed):
    """The invocation would have ended before the photo was painted."""

    code = "out_of_time"


class ReturnedUnstarted(Postponed):
    """The invocation had too little time left to begin with the photo."""

    code = "returned_unstarted"


class BeingPainted(Postponed):
    """Another run holds a claim for the same target that has not expired."""

    code = "being_painted"


class StillChanging(Postponed):
    """Other runs or uploads kept replacing the photo or its paintings during this run."""

    code = "still_changing"


class BadRequest(AtelierError):
    """A call with missing or invalid fields; a fault in the recipe is a BadRecipe."""

    code = "bad_request"


class NotAuthorized(AtelierError):
    """A permission is missing. The sender of the photo can't grant it, so this is no refusal and is retried."""

    code = "not_authorized"
    retryable = True


class ForeignBucket(AtelierError):
    """Access denied to a bucket that is not the stack's: another owner's, or one that the function may not read.

    No retry cures it. It is not recorded as a refusal either: the photo can be painted once access is granted.
    """

    code = "foreign_bucket"


class NotFound(AtelierError):
    """The route or the photo does not exist."""

    code = "not_found"


class BadSettings(AtelierError):
    """The function's environment is invalid; the message lists every fault."""

    code = "bad_settings"


class UnknownEvent(AtelierError):
    """An event of no known shape."""

    code = "unknown_event"


class PhotosFailed(ExceptionGroup[Exception]):
    """Unexpected errors, one per photo; `photo_keys` names the photos in the same order."""

    photo_keys: tuple[str, ...] = ()


S3_REFUSALS: Mapping[str, type[Refusal]] = {
    "InvalidObjectState": ArchivedPhoto,
    "InvalidRequest": EncryptedPhoto,  # answers a GET without parameters: customer-provided key (SSE-C)
    "KeyTooLongError": KeyTooLong,
    "KMS.DisabledException": EncryptedPhoto,
    "KMS.InvalidKeyUsageException": EncryptedPhoto,
    "KMS.InvalidStateException": EncryptedPhoto,  # the key is about to be deleted
    "KMS.KMSInvalidStateException": EncryptedPhoto,
    "KMS.NotFoundException": EncryptedPhoto,
}
"""Error codes of S3 and KMS for reading a photo that no retry can cure (Amazon S3 API reference, "Error responses"; AWS
KMS API reference, "Decrypt", whose errors S3 passes on with the prefix "KMS."). "AccessDenied" is a refusal if its
message names KMS; otherwise a permission is missing and may still be granted. Every other code is retried."""

S3_HINTS: Mapping[type[Refusal], str] = {
    ArchivedPhoto: "expected a photo that can be read at once, got one in an archived storage class: restore it first",
    EncryptedPhoto: "expected a photo that the function may decrypt, got one under a key of somebody else's",
    KeyTooLong: "expected a key that S3 takes, got a longer one",
}


def refusal_by_s3(code: str, message: str) -> Refusal | None:
    """Return the refusal that S3's error for reading a photo stands for; None if a retry can help."""
    kind = S3_REFUSALS.get(code)
    if code == "AccessDenied" and "kms" in message.lower():
        kind = EncryptedPhoto
    return kind(f"{S3_HINTS[kind]} ({code})") if kind else None
