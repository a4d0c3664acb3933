"""One photo in several styles at once, on the threads of a crew."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from math import inf
from time import thread_time
from typing import Generic, NamedTuple, TypeVar, cast

import numpy as np

from .crew import Band, Crew, Stages
from .kernels import Kernels
from .oil import paint_oil, paint_oil_slowly
from .params import DEFAULTS, Params, Style
from .pencil import paint_pencil, paint_pencil_slowly
from .watercolor import paint_watercolor, paint_watercolor_slowly
from .workbench import Image, Workbench

T = TypeVar("T")

Painter = Callable[..., Stages]
"""Paints into the blank canvases that it is given, one for each style of its pass."""


class Painted(NamedTuple, Generic[T]):
    """A finished painting: what `finish` made of it, and the CPU seconds that painting it took.

    The two pencil drawings come from one pass and share its seconds evenly.
    """

    style: Style
    result: T
    seconds: float


def paint(
    photo: Image,
    styles: Iterable[Style] = tuple(Style),
    params: Params = DEFAULTS,
    crew: Crew | None = None,
) -> Iterator[tuple[Style, Image]]:
    """Yields `photo` painted in each of `styles`, each as soon as it is finished, in no fixed order.

    `crew` lends its threads; None is one thread for this call. Raises ValueError when `photo` is not a BGR
    uint8 array.
    """
    if crew is None:
        with closing(Crew(threads=1)) as crew_of_one:
            yield from paint(photo, styles, params, crew_of_one)
        return
    for painted in paint_each(photo, lambda style, image: image.copy(), styles, params, crew, Workbench()):
        yield painted.style, painted.result


def paint_each(
    photo: Image,
    finish: Callable[[Style, Image], T],
    styles: Iterable[Style],
    params: Params,
    crew: Crew,
    bench: Workbench,
    deadline: float = inf,
) -> Iterator[Painted[T]]:
    """Like `paint`, but hands each painting to `finish`, on the crew's threads, and yields what that returns.

    The paintings lie in buffers of `bench`: `finish` must not keep them. The first exception, of painting or of
    `finish`, is raised here, and OutOfTime once `time.monotonic()` is past `deadline`. When the iterator ends, in
    whatever way, nothing of this photo runs any more and all buffers are back.
    """
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise ValueError(f"photo: expected uint8 (height, width, 3), got {photo.dtype} {photo.shape}")
    wanted = frozenset(styles)
    native = crew.kernels is Kernels.NATIVE
    watercolor = paint_watercolor if native else paint_watercolor_slowly
    oil = paint_oil if native else paint_oil_slowly
    pencil = paint_pencil if native else paint_pencil_slowly
    photo = np.ascontiguousarray(photo)
    bench.expect(photo.shape[0] * photo.shape[1])
    painters: dict[tuple[Style, ...], Painter] = {
        (Style.WATERCOLOR,): partial(watercolor, photo, params.watercolor, bench),
        (Style.OIL,): partial(oil, photo, params.oil, bench),
        (Style.SKETCH, Style.COLOR_PENCIL): partial(pencil, photo, params.pencil, bench),
    }
    jobs = [
        _job(photo, painter, of_pass, wanted, finish, bench)
        for of_pass, painter in painters.items()
        if wanted.intersection(of_pass)
    ]
    return cast(Iterator[Painted[T]], crew.run(jobs, deadline))


def _job(
    photo: Image,
    painter: Painter,
    of_pass: tuple[Style, ...],
    wanted: frozenset[Style],
    finish: Callable[[Style, Image], T],
    bench: Workbench,
) -> Stages:
    """All paintings of one pass over the photo, from blank buffers to what `finish` makes of them."""
    spent: list[float] = []
    with ExitStack() as lent:
        canvases = {s: lent.enter_context(bench.lend(_canvas_shape(photo, s))) for s in of_pass}
        for stage in painter(*canvases.values()):
            yield [partial(_timed, band, spent) for band in stage]
        kept = wanted.intersection(of_pass)
        seconds = sum(spent) / len(kept)
        yield [partial(_finish, finish, style, canvases[style], seconds) for style in sorted(kept)]


def _canvas_shape(photo: Image, style: Style) -> tuple[int, ...]:
    return photo.shape[:2] if style is Style.SKETCH else photo.shape


def _timed(band: Band, spent: list[float]) -> None:
    start = thread_time()
    band()
    spent.append(thread_time() - start)


def _finish(finish: Callable[[Style, Image], T], style: Style, image: Image, seconds: float) -> Painted[T]:
    return Painted(style, finish(style, image), seconds)
