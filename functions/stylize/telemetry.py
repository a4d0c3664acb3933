"""Logs and metrics: one line and a few numbers per photo."""

import os
import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from .errors import Refusal, ReturnedUnstarted
from .protocol import Result
from .studio import Outcome

warnings.filterwarnings("ignore", message="No application metrics")  # an event without photos is nothing to warn of

SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "stylize")
NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Atelier")

logger = Logger(service=SERVICE, location=None, timestamp=None)  # CloudWatch knows when; bytes are paid for
metrics = Metrics(service=SERVICE, namespace=NAMESPACE)


def report(outcome: Outcome) -> None:
    """Logs what became of a photo, and counts it, with seconds by stage and by style."""
    manifest = outcome.manifest
    key = manifest.photo.key
    if outcome.result in (Result.GONE, Result.YIELDED, Result.OVERTAKEN):
        logger.info("nothing to do", photo_key=key, reason=str(outcome.result))
    elif manifest.error:
        logger.info("refused", photo_key=key, code=manifest.error["code"], reason=manifest.error["message"])
        _count("PhotosRefused")
    elif not outcome.fresh:
        logger.info("painted already", photo_key=key)
        _count("PhotosPaintedAlready")
    else:
        seconds = dict(manifest.seconds)
        logger.info("painted", photo_key=key, seconds={"total": seconds.pop("total")})  # the metrics have the others
        _count("PhotosPainted")
        for stage, spent in seconds.items():
            _seconds(stage, spent)
        for painting in manifest.paintings:
            _seconds(painting.style, painting.seconds)


def report_refusal(refusal: Refusal) -> None:
    """Log and count a photo that was refused before it had a key."""
    logger.info("refused", code=refusal.code, reason=str(refusal))
    _count("PhotosRefused")


def count_failure(failure: Exception) -> None:
    """Count a photo that met an unexpected error, which goes on to whoever delivered the event; or was not begun."""
    _count("PhotosReturnedUnstarted" if isinstance(failure, ReturnedUnstarted) else "PhotosFailed")


def _count(name: str) -> None:
    metrics.add_metric(name, MetricUnit.Count, 1)


def _seconds(of: str, seconds: float) -> None:
    metrics.add_metric(f"{of.title().replace('-', '')}Seconds", MetricUnit.Seconds, seconds)
