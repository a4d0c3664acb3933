"""Tasks of S3 Batch Operations: photos that were in a bucket before. docs/operations.md starts such a job."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.s3_batch_operation_event import (
    S3BatchOperationEvent,
    S3BatchOperationResponseRecord,
    S3BatchOperationTask,
)

from ..errors import BadRecipe, Refusal, UnknownEvent
from ..manifest import PhotoFacts, manifest_key
from ..recipe import RecipeOverrides
from ..recipe_fields import shown
from ..stores.s3 import S3Store
from ..studio import Studio
from ..telemetry import count_failure, logger, report
from .events import Event
from .notices import is_folder_marker

VERSIONS = ("1.0", "2.0")
LONGEST_RESULT = 1024
"""Characters of a task's result; a report cuts what is longer."""


def paint_tasks(event: Event, studio: Studio) -> dict[str, Any]:
    """Paints the photo of every task and answers what became of each; the job's report lists the answers."""
    batch = S3BatchOperationEvent(dict(event))
    if batch.invocation_schema_version not in VERSIONS:
        expected, got = " or ".join(VERSIONS), batch.invocation_schema_version
        raise UnknownEvent(f"invocationSchemaVersion: expected {expected}, got {got!r}")
    arguments = batch.job.user_arguments or {}  # {"recipe": text}; a job of version 1.0 has none
    return {
        "invocationSchemaVersion": batch.invocation_schema_version,
        "treatMissingKeysAs": "TemporaryFailure",  # a task without an answer has to be tried again
        "invocationId": batch.invocation_id,
        "results": [_painted(task, arguments, studio).asdict() for task in batch.tasks],
    }


def _painted(task: S3BatchOperationTask, arguments: dict[str, str], studio: Studio) -> S3BatchOperationResponseRecord:
    """A refusal is permanent. Batch Operations tries again, a few times, what failed for any other reason."""
    try:
        overrides = _overrides(arguments)  # the job's mistake, so no photo's manifest has to tell of it
        photo = PhotoFacts(bucket=task.s3_bucket, key=task.s3_key)
        if photo.bucket == studio.settings.paintings_bucket:
            text = "own_painting: expected a photo, got an object of the paintings bucket"
            return _result(task, "PermanentFailure", text)
        if _is_folder_marker(photo, studio):
            return _result(task, "Succeeded", "ignored: a folder marker, nothing to paint")
        outcome = studio.paint(photo, overrides)
    except Refusal as refusal:
        return _result(task, "PermanentFailure", f"{refusal.code}: {refusal}")
    except Exception as failure:
        logger.exception("task failed", photo_key=task.s3_key)
        count_failure()
        return _result(task, "TemporaryFailure", f"{type(failure).__name__}: {failure}")
    report(outcome)
    error = outcome.manifest.error
    if error:
        return _result(task, "PermanentFailure", f"{error['code']}: {error['message']}")
    done = "painted" if outcome.fresh else "painted already"
    return _result(task, "Succeeded", f"{done}: {manifest_key(task.s3_key)}")


def _is_folder_marker(photo: PhotoFacts, studio: Studio) -> bool:
    """By a look at the object, where its key allows it: a task does not tell its size."""
    if not photo.key.endswith("/") or not isinstance(studio.store, S3Store):
        return False
    found = studio.store.photo_object(photo.bucket or "", photo.key)
    return found is not None and is_folder_marker(photo.key, found.bytes)


def _overrides(arguments: dict[str, str]) -> RecipeOverrides:
    """What the job asks for. Raises BadRecipe."""
    unknown = next((name for name in arguments if name != "recipe"), None)
    if unknown is not None:
        raise BadRecipe(f"UserArguments: expected recipe, got {shown(unknown)}")
    return RecipeOverrides.parse(arguments.get("recipe", ""))


def _result(task: S3BatchOperationTask, code: Any, text: str) -> S3BatchOperationResponseRecord:
    return S3BatchOperationResponseRecord(task.task_id, code, text[:LONGEST_RESULT])
