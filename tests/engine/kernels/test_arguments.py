"""Faults in arguments: the kernels return a status for each, and write no byte."""

from collections.abc import Callable

import numpy as np
import pytest

from stylize.engine.kernels.library import Kernel, Library
from stylize.engine.styles import differences, oil, pencil, watercolor
from tests.support.guarded import Guarded
from tests.support.pictures import picture

WIDTH, HEIGHT = 20, 15
PENCIL = {"slope": 857.0, "radius": 90.0, "shade": 0.1, "line": 2}
FILTER = {"slope": 133.0, "radius": 90.0}
NAN, INFINITE = float("nan"), float("inf")


class Call:
    """A sound call of one kernel, to be spoilt in one place."""

    def __init__(self, library: Library, kernel: Kernel) -> None:
        self._function, name = library.function(kernel), kernel.name
        self.photo = picture("random", HEIGHT, WIDTH)
        self.washes_in = Guarded((HEIGHT, WIDTH, 4), np.int16)
        self.outputs = [Guarded((HEIGHT, WIDTH, 4), np.uint16) for _ in range(2)]
        for output in self.outputs:
            output.array[:] = np.random.default_rng(5).integers(0, 1 << 16, output.array.shape)
        self._before = [o.array.copy() for o in self.outputs]
        first, second = (o.array.ctypes.data for o in self.outputs)
        counts = np.ones((HEIGHT, WIDTH), np.uint16)
        distances = np.random.default_rng(6).random((HEIGHT, WIDTH), np.float32)
        difference = distances.ctypes.data
        self.scratch = np.empty(1 << 20, np.uint8)
        kernels_own: dict[str, dict[str, float | None]] = {
            "differences_rows": {"plane": first, "plane2": second, "stride": WIDTH},
            "pencil_columns": {**PENCIL, "stride": WIDTH, "plane": first},
            "pencil_rows": {
                **PENCIL,
                "plane": difference,
                "stride": WIDTH,
                "plane2": counts.ctypes.data,
                "out": first,
                "out2": second,
            },
            "watercolor_rows": {**FILTER, "first": 1, "plane": difference, "plane2": first, "stride": WIDTH},
            "watercolor_columns": {**FILTER, "plane": first, "stride": WIDTH},
            "watercolor_edges": {"line": 2, "stride": WIDTH, "out": first},
            "guide_rows": {"line": 3, "out": first},
            "oil_rows": {"size": 5, "dyn_ratio": 10, "out": first},
        }
        self._keep = counts, distances
        self.reads_plane = name in READS_PLANE
        washes = self.washes_in.array.ctypes.data
        photo = (washes if name == "watercolor_edges" else difference) if self.reads_plane else self.photo.ctypes.data
        scratch = {"scratch": self.scratch.ctypes.data, "bytes": self.scratch.nbytes}
        self.arguments: dict[str, float | None] = {
            "photo": photo, "width": WIDTH, "height": HEIGHT, "from": 2, "to": 9, **kernels_own[name],
            **({} if name == "differences_rows" else scratch),
        }  # fmt: skip

    def status(self, **spoilt: float | None) -> int:
        arguments = self.arguments | spoilt
        return self._function(*arguments.values())

    def untouched(self) -> bool:
        return all(np.array_equal(o.array, before) for o, before in zip(self.outputs, self._before, strict=True))


READS_PLANE = ["pencil_columns", "watercolor_columns", "watercolor_edges"]
"""What they are given in place of a photo is an intermediate plane."""
KERNELS = [
    differences.GUIDE,
    differences.ROWS,
    pencil.COLUMNS,
    pencil.ROWS,
    watercolor.ROWS,
    watercolor.COLUMNS,
    watercolor.EDGES,
    oil.ROWS,
]
PARAMETERS: dict[str, list[float]] = {
    "slope": [0, -1, NAN, INFINITE, 1e9],
    "radius": [0, -1, NAN, INFINITE, 1e9],
    "shade": [0, -0.1, NAN, INFINITE, 1.01],
    "line": [0, -1, 65, 1 << 30],
    "size": [0, -1, 65, 1 << 30],
    "dyn_ratio": [0, -1, 128, 1 << 30],
}


@pytest.fixture(params=KERNELS, ids=lambda kernel: kernel.name)
def call(request: pytest.FixtureRequest, library: Library) -> Call:
    return Call(library, request.param)


def test_a_sound_call_is_accepted(call: Call) -> None:
    """The call that the other tests modify is accepted."""
    assert call.status() == 0
    assert not call.untouched()


def test_faults_have_their_status(call: Call) -> None:
    """NULL, size, band, parameter, scratch and plane faults have different statuses, and nothing is written."""
    faults: list[tuple[int, dict[str, float | None]]] = []
    pointers = ("photo", "plane", "plane2", "out", "out2", "scratch")
    faults += [(1, {name: None}) for name in pointers if name in call.arguments]
    faults += [(2, {side: bad}) for side in ("width", "height") for bad in (0, -1, 65536, 1 << 30, -(1 << 31))]
    faults += [(2, {"width": 65535, "height": 65535})]
    bands = [("from", -1), ("to", 21), ("from", 9), ("from", 10), ("to", -(1 << 31))]
    faults += [(3, {end: bad}) for end, bad in bands]
    for name, values in PARAMETERS.items():
        faults += [(4, {name: bad}) for bad in values if name in call.arguments]
    faults += [(5, {"bytes": bad}) for bad in (0, 1, 100) if "bytes" in call.arguments]
    for name in ("plane", "plane2", *(["photo"] if call.reads_plane else [])):
        if name in call.arguments:
            faults += [(6, {name: (call.arguments[name] or 0) + 1})]
    faults += [(6, {"stride": bad}) for bad in (0, -WIDTH, WIDTH - 1, 65601) if "stride" in call.arguments]
    for status, spoilt in faults:
        assert call.status(**spoilt) == status, spoilt
    assert call.untouched()


def test_random_arguments(call: Call) -> None:
    """Of a thousand random calls each paints or is refused, and refused ones write nothing."""
    seed = 7
    rng = np.random.default_rng(seed)
    refused = painted = 0
    wild: list[Callable[[], float]] = [
        lambda: int(rng.integers(-(1 << 31), 1 << 31)),
        lambda: int(rng.integers(-3, 40)),
        lambda: 0,
    ]
    for _ in range(1000):
        spoilt: dict[str, float | None] = {}
        for name in ("width", "height", "from", "to", "line", "size", "dyn_ratio", "bytes"):
            if name in call.arguments and rng.random() < 0.3:
                spoilt[name] = wild[rng.integers(3)]()
        for name in ("slope", "radius", "shade"):
            if name in call.arguments and rng.random() < 0.3:
                spoilt[name] = float(rng.integers(0, 1 << 32, dtype=np.uint32).view(np.float32))
        if "bytes" in spoilt:  # never more than there is
            spoilt["bytes"] = abs(int(spoilt["bytes"] or 0)) % call.scratch.nbytes
        height, width = spoilt.get("height", HEIGHT), spoilt.get("width", WIDTH)
        fits = 0 < (height or 0) <= HEIGHT and 0 < (width or 0) <= WIDTH
        if not fits and 0 < (height or 0) <= 65535 and 0 < (width or 0) <= 65535:
            continue  # sound, but larger than the buffers here
        before = [o.array.copy() for o in call.outputs]
        if call.status(**spoilt):
            refused += 1
            what = f"seed {seed}: {spoilt}"
            assert all((o.array == b).all() for o, b in zip(call.outputs, before, strict=True)), what
        else:
            painted += 1
    assert refused > 100
    assert painted > 20
    for output in call.outputs:
        output.check()
