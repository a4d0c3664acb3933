"""One photo in several styles at once, on the threads of a thread_pool."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from math import inf, prod
from typing import Generic, NamedTuple, TypeVar, cast

import numpy as np

from .buffer_pool import BufferPool, Image
from .kernels import Kernels
from .styles.differences import lend_differences
from .styles.oil import paint_oil, paint_oil_slowly
from .styles.params import DEFAULTS, Params, Style
from .styles.pencil import paint_pencil, paint_pencil_slowly
from .styles.watercolor import paint_watercolor, paint_watercolor_slowly
from .thread_pool import Stages, ThreadPool, timed

T = TypeVar("T")

Painter = Callable[..., Stages]
"""Paints into the blank canvases that it is given, one for each style of its pass."""

Pass = tuple[Style, ...]
"""Styles that are painted at once."""

WATERCOLOR, OIL, PENCIL = (Style.WATERCOLOR,), (Style.OIL,), (Style.SKETCH, Style.COLOR_PENCIL)
PASSES: tuple[Pass, ...] = (WATERCOLOR, OIL, PENCIL)
"""The longest chain of stages first."""


class Painted(NamedTuple, Generic[T]):
    """A finished painting: what `finish` made of it, and the CPU seconds that painting it took.

    The two pencil drawings come from one pass and share its seconds evenly, as passes do those of what they share.
    """

    style: Style
    result: T
    seconds: float


def paint(
    photo: Image,
    styles: Iterable[Style] = tuple(Style),
    params: Params = DEFAULTS,
    thread_pool: ThreadPool | None = None,
) -> Iterator[tuple[Style, Image]]:
    """Yields `photo` painted in each of `styles`, each as soon as it is finished, in no fixed order.

    `thread_pool` lends its threads; None is one thread for this call. Raises ValueError when `photo` is not a BGR
    uint8 array.
    """
    if thread_pool is None:
        with closing(ThreadPool(threads=1)) as one_thread:
            yield from paint(photo, styles, params, one_thread)
        return
    for painted in paint_each(photo, lambda style, image: image.copy(), styles, params, thread_pool, BufferPool()):
        yield painted.style, painted.result


def paint_each(
    photo: Image,
    finish: Callable[[Style, Image], T],
    styles: Iterable[Style],
    params: Params,
    thread_pool: ThreadPool,
    buffer_pool: BufferPool,
    deadline: float = inf,
) -> Iterator[Painted[T]]:
    """Like `paint`, but hands each painting to `finish`, on the thread_pool's threads, and yields what that returns.

    The paintings lie in buffers of `buffer_pool`: `finish` must not keep them. The first exception, of painting or of
    `finish`, is raised here, and OutOfTime once `time.monotonic()` is past `deadline`. When the iterator ends, in
    whatever way, nothing of this photo runs any more and all buffers are back.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise ValueError(f"photo: expected uint8 (height, width, 3), got {photo.dtype} {photo.shape}")
    photo, wanted = np.ascontiguousarray(photo), frozenset(styles)
    buffer_pool.expect(photo.shape[0] * photo.shape[1])
    return _paint_passes(photo, finish, wanted, params, thread_pool, buffer_pool, deadline)


def _paint_passes(
    photo: Image,
    finish: Callable[[Style, Image], T],
    wanted: frozenset[Style],
    params: Params,
    thread_pool: ThreadPool,
    buffer_pool: BufferPool,
    deadline: float,
) -> Iterator[Painted[T]]:
    passes = [styles for styles in PASSES if wanted.intersection(styles)]
    seconds = dict.fromkeys(PASSES, 0.0)  # spent on what passes share
    with ExitStack() as lent:
        if thread_pool.kernels is Kernels.REFERENCE:
            painters = _slow_painters(photo, params)
        else:
            painters = {OIL: partial(paint_oil, photo, params.oil, buffer_pool)}
            if sharing := [styles for styles in passes if styles != OIL]:
                differences, took = lent.enter_context(lend_differences(photo, thread_pool, buffer_pool, deadline))
                seconds |= dict.fromkeys(sharing, took / len(sharing))
                painters[WATERCOLOR] = partial(paint_watercolor, photo, differences, params.watercolor, buffer_pool)
                painters[PENCIL] = partial(paint_pencil, photo, differences, params.pencil, buffer_pool)
        jobs = [
            _job(photo, painters[styles], styles, wanted, finish, buffer_pool, seconds[styles]) for styles in passes
        ]
        yield from cast(Iterator[Painted[T]], thread_pool.run(jobs, deadline))


def _slow_painters(photo: Image, params: Params) -> dict[Pass, Painter]:
    return {
        WATERCOLOR: partial(paint_watercolor_slowly, photo, params.watercolor),
        OIL: partial(paint_oil_slowly, photo, params.oil),
        PENCIL: partial(paint_pencil_slowly, photo, params.pencil),
    }


def _job(
    photo: Image,
    painter: Painter,
    of_pass: Pass,
    wanted: frozenset[Style],
    finish: Callable[[Style, Image], T],
    buffer_pool: BufferPool,
    seconds: float,
) -> Stages:
    """All paintings of one pass over the photo, from blank buffers to what `finish` makes of them.

    `seconds` of CPU time count towards theirs already.
    """
    yield [_its_turn]
    spent = [seconds]
    with buffer_pool.borrow((sum(map(prod, _canvas_shapes(photo, of_pass))),)) as buffer:
        canvases = dict(zip(of_pass, _cut(buffer, _canvas_shapes(photo, of_pass)), strict=True))
        for stage in painter(*canvases.values()):
            yield [partial(timed, band, spent) for band in stage]
        kept = wanted.intersection(of_pass)
        each = sum(spent) / len(kept)
        yield [partial(_finish, finish, style, canvases[style], each) for style in sorted(kept)]


def _its_turn() -> None:
    """The first stage of a job: it borrows nothing until a thread has nothing more urgent to do."""


def _canvas_shapes(photo: Image, of_pass: Pass) -> list[tuple[int, ...]]:
    return [photo.shape[:2] if style is Style.SKETCH else photo.shape for style in of_pass]


def _cut(buffer: Image, shapes: Sequence[tuple[int, ...]]) -> Iterator[Image]:
    """Arrays of `shapes`, one after the other in a flat buffer."""
    end = 0
    for shape in shapes:
        start, end = end, end + prod(shape)
        yield buffer[start:end].reshape(shape)


def _finish(finish: Callable[[Style, Image], T], style: Style, image: Image, seconds: float) -> Painted[T]:
    return Painted(style, finish(style, image), seconds)
