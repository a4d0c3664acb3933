"""Every error of Atelier.

    AtelierError                    code, retryable
    ├── Refusal                     the sender's doing: answered, recorded, counted, never retried
    │   ├── UnreadablePhoto         unreadable_photo
    │   ├── UnsupportedFormat       unsupported_format
    │   ├── PhotoTooLarge           photo_too_large
    │   ├── BadRecipe               bad_recipe
    │   ├── PhotoNotFound           photo_not_found
    │   ├── ArchivedPhoto           archived_photo
    │   ├── EncryptedPhoto          encrypted_photo
    │   ├── KeyTooLong              key_too_long
    │   └── OwnPainting             own_painting
    ├── Postponed                   nobody's doing: raised, so that the photo is tried again later
    │   ├── OutOfTime               out_of_time
    │   ├── ReturnedUnstarted       returned_unstarted
    │   ├── BeingPainted            being_painted
    │   └── StillChanging           still_changing
    ├── BadRequest                  bad_request: a call of the API, or a direct one, that can't be understood
    ├── NotAuthorized               not_authorized: the caller, or the function itself, lacks a right
    ├── NotFound                    not_found: a call of the API asks for something that is not there
    ├── BadSettings                 bad_settings: the function is set up wrongly
    └── UnknownEvent                unknown_event: invoked with something that no door understands
    PhotosFailed                    an ExceptionGroup: what became of the photos of one event

Anything else is unexpected: it is raised, so that the event is delivered again. A message says what is wrong,
what was expected and what came.
"""

from collections.abc import Mapping
from typing import ClassVar


class AtelierError(Exception):
    """Base of all; `code` is stable and meant for programs, `retryable` says whether trying again can help."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False


class Refusal(AtelierError):
    """This photo, or this recipe for it, can't be painted, however often it is tried."""


class UnreadablePhoto(Refusal):
    """Not an image, or a damaged one."""

    code = "unreadable_photo"


class UnsupportedFormat(Refusal):
    """An image of a kind that is not painted."""

    code = "unsupported_format"


class PhotoTooLarge(Refusal):
    """More bytes or more pixels than the function takes."""

    code = "photo_too_large"


class BadRecipe(Refusal):
    """A recipe that can't be understood or met."""

    code = "bad_recipe"


class PhotoNotFound(Refusal):
    """Deleted, or never there."""

    code = "photo_not_found"


class ArchivedPhoto(Refusal):
    """In a storage class that has to be restored before it can be read."""

    code = "archived_photo"


class EncryptedPhoto(Refusal):
    """Encrypted with a key that the function does not hold or may not use."""

    code = "encrypted_photo"


class KeyTooLong(Refusal):
    """The keys of its paintings would be longer than S3 takes."""

    code = "key_too_long"


class OwnPainting(Refusal):
    """An object of the paintings bucket. To record that there would announce another one, and so on."""

    code = "own_painting"


class Postponed(AtelierError):
    """This photo can be painted, but not now."""

    retryable = True


class OutOfTime(Postponed):
    """The invocation would have ended before the photo was painted."""

    code = "out_of_time"


class ReturnedUnstarted(Postponed):
    """The invocation had too little time left to begin with the photo."""

    code = "returned_unstarted"


class BeingPainted(Postponed):
    """Another run has claimed to paint just this, not so long ago that it must have died."""

    code = "being_painted"


class StillChanging(Postponed):
    """Others kept replacing the photo or its paintings while it was painted."""

    code = "still_changing"


class BadRequest(AtelierError):
    """A call whose fields are missing or make no sense; what concerns the recipe is a BadRecipe."""

    code = "bad_request"


class NotAuthorized(AtelierError):
    """A right is missing. Whoever sent the photo can't help it, so it is not a refusal: it is tried again."""

    code = "not_authorized"
    retryable = True


class NotFound(AtelierError):
    """No such route, or a photo that nobody has heard of."""

    code = "not_found"


class BadSettings(AtelierError):
    """The environment of the function does not fit together; every fault is in the message."""

    code = "bad_settings"


class UnknownEvent(AtelierError):
    """An event of no known shape."""

    code = "unknown_event"


class PhotosFailed(ExceptionGroup[Exception]):
    """Unexpected errors, one per photo; `photo_keys` names the photos in the same order."""

    photo_keys: tuple[str, ...] = ()


S3_REFUSALS: Mapping[str, type[Refusal]] = {
    "InvalidObjectState": ArchivedPhoto,
    "InvalidRequest": EncryptedPhoto,  # of a GET without parameters: encrypted with a key of the customer's (SSE-C)
    "KeyTooLongError": KeyTooLong,
    "KMS.DisabledException": EncryptedPhoto,
    "KMS.InvalidKeyUsageException": EncryptedPhoto,
    "KMS.InvalidStateException": EncryptedPhoto,  # the key is about to be deleted
    "KMS.KMSInvalidStateException": EncryptedPhoto,
    "KMS.NotFoundException": EncryptedPhoto,
}
"""S3's and KMS's error codes to reading a photo that no retry cures (Amazon S3 API reference, "Error responses"; AWS
KMS API reference, "Decrypt", whose errors S3 passes on with the prefix). One more, "AccessDenied", is a refusal when
its message names KMS, and otherwise a right that somebody has yet to give. Every other code may pass and is retried."""

S3_HINTS: Mapping[type[Refusal], str] = {
    ArchivedPhoto: "expected a photo that can be read at once, got one in an archived storage class: restore it first",
    EncryptedPhoto: "expected a photo that the function may decrypt, got one under a key of somebody else's",
    KeyTooLong: "expected a key that S3 takes, got a longer one",
}


def refusal_by_s3(code: str, message: str) -> Refusal | None:
    """Return what S3's answer to reading a photo means for it; None where trying again can help."""
    kind = S3_REFUSALS.get(code)
    if code == "AccessDenied" and "kms" in message.lower():
        kind = EncryptedPhoto
    return kind(f"{S3_HINTS[kind]} ({code})") if kind else None
