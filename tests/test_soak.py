"""The soak, at the size of a test: `make soak` is the same with 2,000 photos."""

from soak import soak


def test_a_hundred_photos(tmp_path):
    """Bad photos, events that come twice and workers that are killed: exactly the right manifests, steady memory."""
    end = soak(100, tmp_path, early=30)
    assert end.faults == []
    assert end.kills > 0
    assert end.late_mb < 1.05 * end.early_mb
