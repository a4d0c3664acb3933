"""Hostile files are painted or refused."""

import pytest

from tests.hostile.corpus import corpus
from tests.hostile.feeding import MEMORY_MB, feed

EVERY = 19


@pytest.mark.slow
def test_the_corpus_is_large_and_always_the_same():
    """The corpus is the same on every run."""
    names = [name for name, _ in corpus()]
    assert len(names) >= 2_000
    assert names == [name for name, _ in corpus()]


@pytest.mark.slow
def test_hostile_files(deployment):
    """Each file is painted or refused with a code, in bounded time and memory. `make fuzz` takes all files."""
    verdicts = feed(deployment.cloud, EVERY)
    assert [verdict for verdict in verdicts if not verdict.is_good] == []
    assert len(verdicts) > 100
    assert {"done", "unreadable_photo", "unsupported_format", "photo_too_large"} <= {v.result for v in verdicts}
    assert verdicts[-1].peak_mb - verdicts[0].peak_mb < MEMORY_MB
