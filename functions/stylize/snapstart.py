"""SnapStart: many execution environments wake up from one snapshot, taken when the function was ready.

What must not be shared is made afresh in each: credentials and connections, and the random numbers of Python's
`random`, which spread botocore's retries and pick what Powertools samples. Names that nobody may guess are safe as they
are: `uuid4` and TLS draw from the kernel, which Lambda reseeds on restore.
"""

import random
from collections.abc import Callable, Mapping


def prepare(env: Mapping[str, str], import_every_door: Callable[[], None], renew: Callable[[], None]) -> None:
    """Tell Lambda's runtime what to do before the snapshot and after waking up; without SnapStart, do nothing."""
    if env.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    register_before_snapshot(import_every_door)
    register_after_restore(random.seed)
    register_after_restore(renew)
