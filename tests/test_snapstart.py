"""SnapStart's hooks: restored environments share no state that must differ."""

import random
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from stylize import snapstart
from stylize.stores.s3 import S3Store

SNAP_START = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


@pytest.fixture
def runtime(monkeypatch):
    """Lambda's registry of hooks."""
    before: list[Callable[[], None]] = []
    after: list[Callable[[], None]] = []
    hooks = SimpleNamespace(
        before=before, after=after, register_before_snapshot=before.append, register_after_restore=after.append
    )
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", hooks)
    return hooks


def wake_up(runtime):
    for hook in runtime.after:
        hook()


def test_without_snapstart_there_are_no_hooks(runtime):
    """An ordinary cold start registers no hooks."""
    snapstart.prepare({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, lambda: None, lambda: None)
    assert (runtime.before, runtime.after) == ([], [])


def test_two_that_wake_up_roll_different_dice(runtime):
    """Two restored environments have different random numbers."""
    snapstart.prepare(SNAP_START, lambda: None, lambda: None)
    state, rolled = random.getstate(), set()
    for _ in range(2):
        random.setstate(state)
        wake_up(runtime)
        rolled.add(random.random())
    assert len(rolled) == 2


def test_credentials_and_connections_are_those_of_the_restored(runtime, monkeypatch):
    """A restored environment replaces the client of the snapshot by one with new credentials."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "before")
    store = S3Store("paintings")
    snapstart.prepare(SNAP_START, lambda: None, store.renew)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "after")
    assert "X-Amz-Credential=before%2F" in signed(store)
    wake_up(runtime)
    assert "X-Amz-Credential=after%2F" in signed(store)


def signed(store):
    return store.client.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "cat.jpg"})
