"""Paints one photo in several styles at once, on the threads of a pool."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import inf, prod
from time import thread_time
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from .buffer_pool import BufferPool, Image
from .kernels.library import Library
from .styles import DEFAULTS, STYLE_GROUPS, Params, Style
from .styles.differences import differences_stages, guide_stages
from .styles.painter import Painter, cut_stages, stride_of
from .styles.planes import DIFFERENCES, Arrays, Differences, Plane, Planes
from .thread_pool import Band, Job, ThreadPool

T = TypeVar("T")


class Painted(NamedTuple, Generic[T]):
    """A finished painting: the result of `finish`, and the CPU seconds of painting it.

    The styles of a group share the group's seconds evenly, and the groups share those of the differences.
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
    """Yield each style with its painting of `photo`, as soon as it is finished, in no fixed order.

    Without a `thread_pool` one thread paints. Raises ValueError when `photo` is not a BGR uint8 array (H, W, 3).
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
    """Paint like `paint`, pass each painting to `finish` on the pool's threads, and yield the results.

    The paintings are in buffers of `buffer_pool`: `finish` must not keep them. Raises the first exception of painting
    or of `finish`, and OutOfTime once `time.monotonic()` is past `deadline`. When the iterator ends, normally or by an
    exception, no band of this photo runs any more and all buffers are released.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise ValueError(f"photo: expected uint8 (height, width, 3), got {photo.dtype} {photo.shape}")
    photo, wanted = np.ascontiguousarray(photo), frozenset(styles)
    buffer_pool.expect(photo.shape[0] * photo.shape[1])
    return _paint_groups(photo, finish, wanted, params, thread_pool, buffer_pool, deadline)


def reserve_buffers(thread_pool: ThreadPool, buffer_pool: BufferPool, pixels: int) -> None:
    """Allocate the buffers for painting a photo of `pixels` pixels.

    These are the buffers of as many style groups as there are threads, and of the differences.
    """
    painters = [group.painter(DEFAULTS) for group in STYLE_GROUPS]
    shared = [DIFFERENCES] if any(painter.needs_differences for painter in painters) else []
    at_once = painters[: thread_pool.threads]
    planes = [*shared, *(painter.planes for painter in at_once if painter.planes)]
    canvases = [sum(painter.canvases) * pixels for painter in at_once]
    buffer_pool.expect(pixels)
    buffer_pool.reserve([*(kind.size_at_most(pixels) for kind in planes), *canvases])


def _paint_groups(
    photo: Image,
    finish: Callable[[Style, Image], T],
    wanted: frozenset[Style],
    params: Params,
    thread_pool: ThreadPool,
    buffer_pool: BufferPool,
    deadline: float,
) -> Iterator[Painted[T]]:
    groups = [group for group in STYLE_GROUPS if wanted.intersection(group.styles)]
    painters = [group.painter(params) for group in groups]
    with _shared_differences(photo, params.line_width, painters, thread_pool, buffer_pool, deadline) as (
        differences,
        seconds,
    ):
        jobs = [
            GroupJob(
                photo=photo,
                styles=group.styles,
                wanted=wanted.intersection(group.styles),
                painter=painter,
                differences=differences if painter.needs_differences else None,
                seconds=seconds if painter.needs_differences else 0.0,
                finish=finish,
                library=thread_pool.library,
                buffer_pool=buffer_pool,
            ).stages()
            for group, painter in zip(groups, painters, strict=True)
        ]
        yield from thread_pool.run(jobs, deadline)


@contextmanager
def _shared_differences(
    photo: Image,
    line_width: int,
    painters: Sequence[Painter],
    thread_pool: ThreadPool,
    buffer_pool: BufferPool,
    deadline: float,
) -> Iterator[tuple[Differences | None, float]]:
    """Yield the differences of neighbors in `photo`, and each painter's share of the CPU seconds.

    If lines are wider than a pixel, these are the differences of the photo's guide.
    """
    sharing = sum(painter.needs_differences for painter in painters)
    library = thread_pool.library
    if not sharing or not library:
        yield None, 0.0
        return
    with _borrow_planes(DIFFERENCES, photo, library, buffer_pool) as planes:
        differences, spent = Differences(*planes), list[float]()
        with _guide(photo, line_width, library, buffer_pool) as (guide, stages):
            stages += differences_stages(guide, differences, library, buffer_pool)
            for _ in thread_pool.run([_timed(stages, spent)], deadline):
                pass
        yield differences, sum(spent) / sharing


@contextmanager
def _guide(
    photo: Image, line_width: int, library: Library, buffer_pool: BufferPool
) -> Iterator[tuple[Image, list[list[Callable[[], None]]]]]:
    """Yield the image that the differences are taken from (photo or guide), and the stages that fill it."""
    if line_width == 1:
        yield photo, []
        return
    with buffer_pool.borrow((photo.size,)) as buffer:
        guide = buffer.reshape(photo.shape)
        yield guide, guide_stages(photo, guide, line_width, library, buffer_pool)


@dataclass(frozen=True)
class GroupJob(Generic[T]):
    """The work of one style group on a photo.

    `seconds` is the group's share of the CPU time of work before the job, the differences.
    """

    photo: Image
    styles: tuple[Style, ...]
    wanted: frozenset[Style]
    painter: Painter
    differences: Differences | None
    seconds: float
    finish: Callable[[Style, Image], T]
    library: Library | None
    buffer_pool: BufferPool

    def stages(self) -> Job[Painted[T]]:
        """Yield the stages of the job, from blank canvases to the results of `finish`."""
        spent = [self.seconds]
        with self._borrow_canvases() as canvases:
            yield from self._painting(canvases, spent)
            yield self._finishing(canvases, sum(spent))

    @contextmanager
    def _borrow_canvases(self) -> Iterator[list[Image]]:
        """Lend the canvases of the group, which share one buffer."""
        shapes = [canvas.shape(*self.photo.shape[:2]) for canvas in self.painter.canvases]
        ends = list(accumulate(map(prod, shapes)))
        with self.buffer_pool.borrow((ends[-1],)) as buffer:
            parts = np.split(buffer, ends[:-1])
            yield [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def _painting(self, canvases: Sequence[Image], spent: list[float]) -> Job[None]:
        if not self.library:
            yield from _timed([[partial(self._paint_by_reference, canvases)]], spent)
            return
        with ExitStack() as borrowed:
            planes: Sequence[Plane] = ()
            if self.painter.planes:
                planes = borrowed.enter_context(
                    _borrow_planes(self.painter.planes, self.photo, self.library, self.buffer_pool)
                )
            arrays = Arrays(self.photo, canvases, planes, self.differences)
            yield from _timed(cut_stages(self.painter, arrays, self.library, self.buffer_pool), spent)

    def _paint_by_reference(self, canvases: Sequence[Image]) -> None:
        for canvas, painting in zip(canvases, self.painter.paint_by_reference(self.photo), strict=True):
            canvas[:] = painting

    def _finishing(self, canvases: Sequence[Image], seconds: float) -> list[Band[Painted[T]]]:
        each = seconds / len(self.wanted)
        paintings = dict(zip(self.styles, canvases, strict=True))
        return [partial(self._finish, style, paintings[style], each) for style in sorted(self.wanted)]

    def _finish(self, style: Style, image: Image, seconds: float) -> Painted[T]:
        return Painted(style, self.finish(style, image), seconds)


@contextmanager
def _borrow_planes(kind: Planes, photo: Image, library: Library, buffer_pool: BufferPool) -> Iterator[list[Plane]]:
    height, width = photo.shape[:2]
    stride = stride_of(kind, width, library)
    with buffer_pool.borrow((kind.size(height, stride),)) as buffer:
        yield kind.cut(buffer, height, stride)


def _timed(stages: Iterable[Sequence[Callable[[], None]]], spent: list[float]) -> Job[None]:
    """Yield the same stages, and append the CPU seconds of each band to `spent`."""
    for stage in stages:
        yield [partial(_time, band, spent) for band in stage]


def _time(band: Callable[[], None], spent: list[float]) -> None:
    start = thread_time()
    band()
    spent.append(thread_time() - start)
