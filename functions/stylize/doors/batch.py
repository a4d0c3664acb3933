"""Tasks of S3 Batch Operations, for photos that are already stored. docs/operations.md shows how to start a job."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.data_classes.s3_batch_operation_event import (
    S3BatchOperationEvent,
    S3BatchOperationResponseRecord,
    S3BatchOperationTask,
)

from ..errors import AtelierError, BadRecipe, Refusal, ReturnedUnstarted, UnknownEvent
from ..manifest import PhotoFacts, manifest_key
from ..recipe import RecipeOverrides
from ..recipe_fields import shown
from ..stores.s3 import S3Error
from ..studio import Order, Outcome, Studio
from ..telemetry import count_failure, logger, report
from .events import Event, shape
from .notices import marks_folder
from .text import is_text

VERSIONS = ("1.0", "2.0")
LONGEST_RESULT = 1024
"""Characters of a task's result; a report truncates longer results."""


def paint_tasks(event: Event, studio: Studio) -> dict[str, Any]:
    """Paint the photo of every task and return a result for each, which the job's report lists."""
    _check_tasks(event)
    batch = S3BatchOperationEvent(dict(event))
    if batch.invocation_schema_version not in VERSIONS:
        expected, got = " or ".join(VERSIONS), batch.invocation_schema_version
        raise UnknownEvent(f"invocationSchemaVersion: expected {expected}, got {got!r}")
    arguments = batch.job.user_arguments or {}  # {"recipe": text}; a job of version 1.0 has none
    return {
        "invocationSchemaVersion": batch.invocation_schema_version,
        "treatMissingKeysAs": "TemporaryFailure",  # a task without a result must be retried
        "invocationId": batch.invocation_id,
        "results": [result.asdict() for result in _results(list(batch.tasks), arguments, studio)],
    }


def _check_tasks(event: Event) -> None:
    """Raise UnknownEvent when a task names no photo, or the event has no job: it only resembles a job's event."""
    tasks = event.get("tasks")
    for task in tasks if isinstance(tasks, list) else [tasks]:
        names = task if isinstance(task, Mapping) else {}
        bucket = names.get("s3BucketArn") or names.get("s3Bucket")
        if not all(is_text(name) and name for name in (names.get("taskId"), names.get("s3Key"), bucket)):
            raise UnknownEvent(f"tasks: expected taskId, s3Key and the bucket of a photo, got {shape(task)}")
    if not (isinstance(event.get("job"), Mapping) and isinstance(event.get("invocationId"), str)):
        raise UnknownEvent(f"expected a job and an invocationId beside tasks, got {shape(event)}")


def _results(
    tasks: Sequence[S3BatchOperationTask], arguments: dict[str, str], studio: Studio
) -> list[S3BatchOperationResponseRecord]:
    """Paint the photos of all tasks; return one result per task, in the order of the tasks."""
    results: dict[str, S3BatchOperationResponseRecord] = {}
    tasks_of: dict[int, S3BatchOperationTask] = {}
    orders = []
    for task in tasks:
        try:
            order = _order(task, arguments, studio)
        except Exception as failure:
            results[task.task_id] = _failed(task, failure)
            continue
        if order is None:
            results[task.task_id] = _result(task, "Succeeded", "ignored: a folder marker, nothing to paint")
        else:
            orders.append(order)
            tasks_of[id(order)] = task
    for order, end in studio.paint_each(orders):
        task = tasks_of[id(order)]
        results[task.task_id] = _failed(task, end) if isinstance(end, Exception) else _painted(task, end)
    return [results[task.task_id] for task in tasks]


def _order(task: S3BatchOperationTask, arguments: dict[str, str], studio: Studio) -> Order | None:
    """Return the order of a task; None for a folder marker. Raises BadRecipe, which no photo's manifest records."""
    overrides = _overrides(arguments)
    photo = PhotoFacts(bucket=task.s3_bucket, key=task.s3_key)
    return None if marks_folder(photo, None, studio) else Order(photo, overrides)


def _painted(task: S3BatchOperationTask, outcome: Outcome) -> S3BatchOperationResponseRecord:
    report(outcome)
    error = outcome.manifest.error
    if error:
        return _result(task, "PermanentFailure", f"{error['code']}: {error['message']}")
    done = "painted" if outcome.fresh else "painted already"
    return _result(task, "Succeeded", f"{done}: {manifest_key(task.s3_key)}")


def _failed(task: S3BatchOperationTask, failure: Exception) -> S3BatchOperationResponseRecord:
    """Return the result of a failure: permanent if no retry cures it; Batch Operations retries others a few times."""
    if isinstance(failure, Refusal):
        return _result(task, "PermanentFailure", f"{failure.code}: {failure}")
    if isinstance(failure, ReturnedUnstarted):
        logger.warning("task returned unstarted", photo_key=task.s3_key)
    else:
        logger.error("task failed", photo_key=task.s3_key, exc_info=failure)
    count_failure(failure)
    is_final = isinstance(failure, AtelierError) and not failure.retryable
    return _result(task, "PermanentFailure" if is_final else "TemporaryFailure", _in_words(failure))


def _in_words(failure: Exception) -> str:
    """Return the report's text for a failure: code and message of our and S3's errors; the logs have others."""
    if isinstance(failure, AtelierError):
        return f"{failure.code}: {failure}"
    if isinstance(failure, S3Error):
        return f"s3_error: {failure}"
    return "internal_error: expected a painted photo, got an error of the function; it is in the logs"


def _overrides(arguments: dict[str, str]) -> RecipeOverrides:
    """Return the overrides in the job's UserArguments. Raises BadRecipe."""
    unknown = next((name for name in arguments if name != "recipe"), None)
    if unknown is not None:
        raise BadRecipe(f"UserArguments: expected recipe, got {shown(unknown)}")
    return RecipeOverrides.from_json(arguments.get("recipe", ""))


def _result(task: S3BatchOperationTask, code: Any, text: str) -> S3BatchOperationResponseRecord:
    return S3BatchOperationResponseRecord(task.task_id, code, text[:LONGEST_RESULT])
