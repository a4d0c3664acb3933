"""The Lambda entry. Importing this module is the cold start: settings, client, threads, buffers, warm-up."""

import gc
import os

gc.disable()  # until the studio is ready: a cold start creates many objects and hardly any garbage
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's own threads are not used, and they spin when they start

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from .doors import enter, import_every_door
from .engine import BufferPool, ThreadPool
from .settings import Settings, vcpus
from .snapstart import prepare
from .stores.base import until
from .stores.s3 import S3Store
from .studio import Studio
from .telemetry import logger, metrics
from .warmup import warm_up

SPARE_SECONDS = 5.0
"""Reserved at the end of an invocation: bands that have begun end, and the result is reported to the queue."""


def open_studio(env: Mapping[str, str]) -> Studio:
    """Create the studio, which outlives invocations, ready to paint. Raises BadSettings."""
    settings = Settings.from_env(env)
    thread_pool = ThreadPool(vcpus(settings.memory_mb), settings.kernels)
    buffer_pool = BufferPool(settings.photo_bytes)
    warm_up(thread_pool, buffer_pool, settings)
    store = S3Store(settings.paintings_bucket, settings.account, settings.photos_bucket)
    prepare(env, import_every_door, store.renew)
    return Studio(store, settings, thread_pool, buffer_pool)


studio = open_studio(os.environ)
gc.freeze()
gc.enable()


@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Paint the photos of an event, and return the answer of its door."""
    # All that a log line needs of the context: Powertools' decorator would add 150 bytes to each line, and they cost.
    logger.append_keys(function_request_id=context.aws_request_id)
    hurried = studio.within(context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS)
    with until(hurried.deadline):
        return enter(event, hurried)
