"""Buffers are kept warm, never shared, and limited in bytes."""

import numpy as np
import pytest

from stylize.engine import BufferPool


def test_a_buffer_has_one_user_at_a_time() -> None:
    """Buffers that are borrowed at the same time never overlap, and released ones are borrowed again."""
    buffer_pool = BufferPool()
    with buffer_pool.borrow((10, 10)) as first, buffer_pool.borrow((10, 10)) as second:
        assert not np.shares_memory(first, second)
        address = first.ctypes.data
    with buffer_pool.borrow((5, 5)) as third, buffer_pool.borrow((10, 10)) as fourth:
        assert address in (third.ctypes.data, fourth.ctypes.data)


def test_what_is_too_much_is_given_back() -> None:
    """The pool keeps at most the allowed bytes."""
    buffer_pool = BufferPool(keep_bytes=100)
    with buffer_pool.borrow((80,)), buffer_pool.borrow((60,)):
        pass
    assert buffer_pool.kept_bytes <= 100


@pytest.mark.parametrize(("size", "kept"), [(10, 90), (30, 40), (70, 0), (1000, 0)])
def test_buffers_make_room(size: int, kept: int) -> None:
    """The pool drops no more buffers than needed."""
    buffer_pool = BufferPool(keep_bytes=100)
    buffer_pool.reserve([40, 50])
    buffer_pool.make_room(size)
    assert buffer_pool.kept_bytes == kept
