"""SnapStart: Lambda restores many execution environments from one snapshot of the initialized function.

Every restored environment renews the state that must not be shared: credentials, connections, and the seed of Python's
`random`, which spreads botocore's retries and selects the logs that Powertools samples. Secrets need no renewal:
`uuid4` and TLS take random numbers from the kernel, which Lambda reseeds on restore.
"""

import random
from collections.abc import Callable, Mapping


def prepare(env: Mapping[str, str], import_every_door: Callable[[], None], renew: Callable[[], None]) -> None:
    """Register hooks before the snapshot and after a restore with Lambda's runtime; without SnapStart, do nothing."""
    if env.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    register_before_snapshot(import_every_door)
    register_after_restore(random.seed)
    register_after_restore(renew)
