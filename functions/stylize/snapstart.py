"""SnapStart: many execution environments wake up from one snapshot, taken when the function was ready.

What must not be shared is made afresh in each: credentials and connections, and the random numbers of Python's
`random`, which spread botocore's retries and pick what Powertools samples. Names that nobody may guess are safe as they
are: `uuid4` and TLS draw from the kernel, which Lambda reseeds on restore.
"""

import random
from collections.abc import Callable, Mapping


def prepare(env: Mapping[str, str], renew: Callable[[], None]) -> None:
    """Tells Lambda's runtime what to do around the snapshot; without SnapStart, nothing."""
    if env.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    register_before_snapshot(_import_every_door)
    register_after_restore(random.seed)
    register_after_restore(renew)


def _import_every_door() -> None:
    """Nobody waits for a snapshot, so none of its environments has to wait for an import."""
    from .doors import batch, direct, http, s3  # noqa: F401
