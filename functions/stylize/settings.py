"""Settings: defaults, overridden by environment variables, then validated; all faults are reported together."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .engine import Format, Kernels
from .errors import BadSettings
from .protocol.facts import LEASE_SECONDS
from .recipe import RecipeOverrides
from .recipe_fields import Quality

MB_PER_VCPU = 1769
"""Memory that buys a Lambda function one full vCPU (AWS Lambda developer guide, "Configure memory")."""

MEGABYTE = 1_000_000

FUNCTION_BYTES = 170_000_000
"""Bytes that the function takes beside the photo: 94 MB were measured before its first photo, 35 MB more with the
decoders of all formats, and freed memory is kept for the next photo (`engine.malloc`). `make memory` checks this."""

IN_FLIGHT_SHARE = 16
"""The divisor of the function's memory that gives the part for prefetched photos and paintings in flight."""

BYTES_PER_PIXEL = 30
"""Bytes that a photo takes while it is painted, with its pixels and the buffers that are kept for the next: 24 to 27
were measured with one thread and with two, without encoders. Decoding takes less in most formats, and is counted
together with the file."""


class ApiAuth(StrEnum):
    """The authentication of the API. A key does not identify its caller; it is for metering."""

    KEY = "key"
    IAM = "iam"
    COGNITO = "cognito"


@dataclass(frozen=True)
class Settings:
    """Settings of one execution environment; on a laptop there are no buckets."""

    photos_bucket: str = ""
    paintings_bucket: str = ""
    max_megapixels: float = 100.0
    max_upload_mb: float = 50.0  # of 1,000,000 bytes
    url_expiry_seconds: int = 3600  # how long a signed download can be used
    upload_expiry_seconds: int = 900  # how long a signed upload can be used
    api_auth: ApiAuth = ApiAuth.KEY
    list_paintings: bool = False  # whether GET /paintings lists photos
    account: str = ""  # owner of the buckets that photos are read from; empty: any owner
    allowed_origin: str = ""  # of web pages that may call the API; "*": any, "": none
    default_quality: Quality = Quality.HD
    default_format: Format = Format.JPEG
    warm_megapixels: float = 2.1  # the size of photo that buffers are made for at cold start
    memory_mb: int | None = None  # None: not on Lambda
    kernels: Kernels = Kernels.AUTO
    failed_uploads_queue_url: str = ""  # empty: SQS dead-letters failed messages, without the reason
    lease_seconds: float = LEASE_SECONDS  # how long the claim of a run blocks other runs
    upload_tries: int = 5  # the uploads queue's maxReceiveCount

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Return the settings in `env`. Raises BadSettings, which names every missing or invalid variable."""
        values: dict[str, Any] = {}
        faults = []
        for variable, (field, parse) in _VARIABLES.items():
            text = env.get(variable, "")
            try:
                if text:
                    values[field] = parse(text)
                elif field in _REQUIRED:
                    faults.append(f"{variable}: expected a bucket name, got nothing")
            except ValueError as error:
                faults.append(f"{variable}: {error}, got {text!r}")
        if not faults and values["photos_bucket"] == values["paintings_bucket"]:
            faults.append("PAINTINGS_BUCKET: expected another bucket than PHOTOS_BUCKET, or paintings would be painted")
        if faults:
            raise BadSettings("; ".join(faults))
        if "memory_mb" in values:
            values.setdefault("max_megapixels", megapixels_that_fit(values["memory_mb"]))
        return cls(**values)

    @property
    def photo_bytes(self) -> int:
        """Bytes of memory for pixels and buffers; 1 GB if the function's memory is unknown."""
        return 1 << 30 if self.memory_mb is None else room(self.memory_mb)

    @property
    def decoder_room(self) -> int | None:
        """Bytes of memory for a file and its decoding; None: no limit."""
        return None if self.memory_mb is None else self.photo_bytes

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of memory for waiting encoded photos and paintings; 64 MB if the function's memory is unknown."""
        return 1 << 26 if self.memory_mb is None else in_flight(self.memory_mb)

    @property
    def overrides(self) -> RecipeOverrides:
        """The overrides that apply to every photo."""
        return RecipeOverrides(quality=self.default_quality, format=self.default_format)


def _choice(kind: Callable[[str], Any], values: list[str]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if text not in values:
            raise ValueError(f"expected one of {', '.join(values)}")
        return kind(text)

    return parse


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("expected on or off")
    return text == "on"


def _number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = kind(low) - 1
        if not low <= value <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return value

    return parse


def vcpus(memory_mb: int | None) -> int:
    """Return the vCPUs of a function with `memory_mb` MB, rounded up; at most the processors of this process.

    None stands for a machine other than Lambda, and gives all its processors.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return available if memory_mb is None else min(available, -(-memory_mb // MB_PER_VCPU))


def room(memory_mb: int) -> int:
    """Return the bytes for pixels and buffers in a function of `memory_mb` MB (of 2^20 bytes)."""
    return memory_mb * 2**20 - FUNCTION_BYTES - in_flight(memory_mb)


def in_flight(memory_mb: int) -> int:
    """Return the bytes for waiting encoded photos and paintings in a function of `memory_mb` MB (of 2^20 bytes)."""
    return memory_mb * 2**20 // IN_FLIGHT_SHARE


def megapixels_that_fit(memory_mb: int) -> float:
    """Return the largest photo, in megapixels, that a function of `memory_mb` MB (of 2^20 bytes) can paint."""
    return min(Settings.max_megapixels, math.floor(room(memory_mb) / BYTES_PER_PIXEL / 100_000) / 10)


_REQUIRED = ("photos_bucket", "paintings_bucket")

_VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "PHOTOS_BUCKET": ("photos_bucket", str),
    "PAINTINGS_BUCKET": ("paintings_bucket", str),
    "MAX_MEGAPIXELS": ("max_megapixels", _number(float, 0.01, 100)),
    "MAX_UPLOAD_MB": ("max_upload_mb", _number(float, 0.01, 5000)),
    # A signature is valid for at most twelve hours, because the credentials that sign do not last longer.
    "URL_EXPIRY_SECONDS": ("url_expiry_seconds", _number(int, 60, 43_200)),
    "UPLOAD_EXPIRY_SECONDS": ("upload_expiry_seconds", _number(int, 60, 43_200)),
    "ALLOWED_ORIGIN": ("allowed_origin", str),
    "API_AUTH": ("api_auth", _choice(ApiAuth, list(ApiAuth))),
    "LIST_PAINTINGS": ("list_paintings", _switch),
    "ACCOUNT": ("account", str),
    "DEFAULT_QUALITY": ("default_quality", _choice(Quality, list(Quality))),
    "DEFAULT_FORMAT": ("default_format", _choice(Format, list(Format))),
    "WARM_MEGAPIXELS": ("warm_megapixels", _number(float, 0, 100)),
    "FAILED_UPLOADS_QUEUE_URL": ("failed_uploads_queue_url", str),
    "LEASE_SECONDS": ("lease_seconds", _number(float, 0, 43_200)),
    "UPLOAD_TRIES": ("upload_tries", _number(int, 1, 1000)),
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": ("memory_mb", _number(int, 128, 10240)),
    "STYLIZE_KERNELS": ("kernels", _choice(Kernels, list(Kernels))),
}
