"""The decisions of the protocol: pure functions of the call, the manifest and the photo."""

from collections.abc import Iterable

from .asking import Run
from .facts import SETTLED_SECONDS, Call, Files, Found, Photo, Record, Status, Target, names_of


def is_of(record: Record | None, photo: Photo) -> bool:
    """Return whether `record` is readable and describes this version of the photo."""
    if record is None or record.status is Status.UNREADABLE:
        return False
    return record.target.version.is_same(photo.version)


def target_of(call: Call, record: Record | None, photo: Photo) -> Target:
    """Return the target. A bare event repeats the explicit recipe that the manifest records for this version."""
    if record and is_of(record, photo) and record.target.explicit and not call.explicit:
        return Target(photo.version, record.target.recipe, explicit=True)
    return Target(photo.version, photo.recipe, call.explicit)


def is_satisfied(call: Call, record: Record | None, photo: Photo) -> bool:
    """Return whether the manifest is final for this version and the call's recipe."""
    if record is None or record.status is Status.PAINTING or not is_of(record, photo) or not record.is_current:
        return False
    same_recipe = record.target.recipe == photo.recipe
    if call.explicit:
        return same_recipe and record.target.explicit
    return same_recipe or record.target.explicit


def is_stale(call: Call, photo: Photo) -> bool:
    """Return whether the event may rely on a newer version's own event.

    False without version IDs, because S3 may then announce two versions by one event.
    """
    said = call.announced
    if said is None or photo.version.version_id is None or photo.version.modified is None:
        return False
    is_newer = not said.version.is_same(photo.version) and photo.version.modified > said.time
    return is_newer and photo.age < SETTLED_SECONDS


def claims_the_same(call: Call, record: Record, photo: Photo) -> bool:
    """Return whether another run's claim has the same target as this call."""
    if record.id.run == call.run or not is_of(record, photo):
        return False
    return not call.explicit or (record.target.explicit and record.target.recipe == photo.recipe)


def would_orphan(run: Run, found: Found | None, target: Target, listed: Files) -> bool:
    """Return whether files would remain that the newer version's fast path does not overwrite or notice.

    If the manifest was refused without cause (409) and this run met no other run, only this run knows of its files.
    """
    if found is not None:
        return False
    names = names_of(target.recipe)
    is_alone = bool(run.created) and not run.contended
    is_left_over = bool(listed) and not run.call.is_first
    return is_alone or is_left_over or any(name not in names for name, _ in (*run.created, *listed))


def are_of(files: Iterable[tuple[str, str]], target: Target) -> bool:
    """Return whether all `files` have names that `target` paints."""
    names = names_of(target.recipe)
    return all(name in names for name, _ in files)
