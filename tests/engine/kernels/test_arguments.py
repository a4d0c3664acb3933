"""What the kernels refuse: a status for each fault, and no byte written."""

import ctypes.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stylize.engine.kernels import library
from tests.support.photos import Guarded, make

WIDTH, HEIGHT = 20, 15
PENCIL = {"slope": 857.0, "radius": 90.0, "shade": 0.1}
FILTER = {"slope": 133.0, "radius": 90.0}
NAN, INFINITE = float("nan"), float("inf")


class Call:
    """A sound call of one kernel, to be spoilt in one place."""

    def __init__(self, kernels: ModuleType, name: str) -> None:
        self.library, self.name = kernels.kernels(), name
        self.photo = make("noise", HEIGHT, WIDTH)
        self.washes_in = Guarded((HEIGHT, WIDTH, 4), np.int16)
        self.outputs = [Guarded((HEIGHT, WIDTH, 4), np.uint16) for _ in range(2)]
        for output in self.outputs:
            output.array[:] = np.random.default_rng(5).integers(0, 1 << 16, output.array.shape)
        self._before = [o.array.copy() for o in self.outputs]
        first, second = (o.array.ctypes.data for o in self.outputs)
        counts = np.ones((HEIGHT, WIDTH), np.uint16)
        differences = np.random.default_rng(6).random((HEIGHT, WIDTH), np.float32)
        difference = differences.ctypes.data
        self.scratch = np.empty(1 << 20, np.uint8)
        own = {
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
            "watercolor_edges": {"stride": WIDTH, "out": first},
            "oil_rows": {"size": 5, "dyn_ratio": 10, "out": first},
        }[name]
        self._keep = counts, differences
        self.reads_plane = name in READS_PLANE
        washes = self.washes_in.array.ctypes.data
        photo = (washes if name == "watercolor_edges" else difference) if self.reads_plane else self.photo.ctypes.data
        scratch = {"scratch": self.scratch.ctypes.data, "bytes": self.scratch.nbytes}
        self.arguments: dict[str, float | None] = {
            "photo": photo, "width": WIDTH, "height": HEIGHT, "from": 2, "to": 9, **own,
            **({} if name == "differences_rows" else scratch),
        }  # fmt: skip

    def status(self, **spoilt: float | None) -> int:
        arguments = self.arguments | spoilt
        return self.library._functions[self.name](*arguments.values())

    def untouched(self) -> bool:
        return all(np.array_equal(o.array, before) for o, before in zip(self.outputs, self._before, strict=True))


READS_PLANE = ["pencil_columns", "watercolor_columns", "watercolor_edges"]
"""What they are given in place of a photo is an intermediate plane."""
NAMES = ["differences_rows", "pencil_rows", "watercolor_rows", "oil_rows", *READS_PLANE]
PARAMETERS = {
    "slope": [0, -1, NAN, INFINITE, 1e9],
    "radius": [0, -1, NAN, INFINITE, 1e9],
    "shade": [0, -0.1, NAN, INFINITE, 0.11],
    "size": [0, -1, 65, 1 << 30],
    "dyn_ratio": [0, -1, 128, 1 << 30],
}


@pytest.fixture(params=NAMES)
def call(request: pytest.FixtureRequest, kernels: ModuleType) -> Call:
    return Call(kernels, request.param)


def test_a_sound_call_is_accepted(call: Call) -> None:
    """The call that the other tests spoil works."""
    assert call.status() == 0
    assert not call.untouched()


def test_faults_have_their_status(call: Call) -> None:
    """NULL, size, band, parameter, scratch and plane are told apart, and nothing is written."""
    faults: list[tuple[int, dict[str, float | None]]] = []
    pointers = ("photo", "plane", "plane2", "out", "out2", "scratch")
    faults += [(1, {name: None}) for name in pointers if name in call.arguments]
    faults += [(2, {side: bad}) for side in ("width", "height") for bad in (0, -1, 65536, 1 << 30, -(1 << 31))]
    faults += [(2, {"width": 65535, "height": 65535})]
    faults += [(3, band) for band in ({"from": -1}, {"to": 21}, {"from": 9}, {"from": 10}, {"to": -(1 << 31)})]
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
    """A thousand random calls are refused or painted, and the refused ones write nothing."""
    rng = np.random.default_rng(7)
    wild: list[Callable[[], float]] = [
        lambda: int(rng.integers(-(1 << 31), 1 << 31)),
        lambda: int(rng.integers(-3, 40)),
        lambda: 0,
    ]
    for _ in range(1000):
        spoilt: dict[str, float | None] = {}
        for name in ("width", "height", "from", "to", "size", "dyn_ratio", "bytes"):
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
            assert all((o.array == b).all() for o, b in zip(call.outputs, before, strict=True))
    for output in call.outputs:
        output.check()


def test_a_status_becomes_an_exception(kernels: ModuleType) -> None:
    """Parameters out of range are refused with a ValueError that names the kernel."""
    photo = make("noise", 8, 8)
    with pytest.raises(ValueError, match="oil_scratch: expected"):
        kernels.paint_oil(photo, 65, 10)
    with pytest.raises(ValueError, match="pencil_scratch: expected"):
        kernels.paint_pencil(photo, 60, 0.07, 0.2)
    with pytest.raises(ValueError, match="watercolor_rows: expected"):
        kernels.paint_watercolor(photo, 60, 1e-9)


@pytest.mark.parametrize(
    "photo",
    [
        np.zeros((4, 5), np.uint8),
        np.zeros((4, 5, 4), np.uint8),
        np.zeros((4, 5, 3), np.float32),
        np.zeros((4, 5, 6), np.uint8)[..., ::2],
        np.zeros((0, 5, 3), np.uint8),
    ],
    ids=["gray", "alpha", "float", "gaps", "empty"],
)
def test_photos_are_checked(kernels: ModuleType, photo: np.ndarray) -> None:
    """A photo of another shape, type or layout is refused before C sees its address."""
    out, washes = np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5, 4), np.int16)
    differences = kernels.Differences(*np.zeros((2, 4, 5), np.float32))
    with pytest.raises(ValueError, match="expected"):
        kernels.watercolor_stages(photo, differences, out, washes, 60, 0.45, kernels.SpareBuffers())
    with pytest.raises(ValueError, match="expected"):
        kernels.differences_stages(photo, differences)


def test_planes_are_checked(kernels: ModuleType) -> None:
    """Planes of another photo, or with rows that are not equally far apart, are refused."""
    photo, bench = make("noise", 4, 5), kernels.SpareBuffers()
    narrow, low = (kernels.Differences(*np.zeros((2, *shape), np.float32)) for shape in ((4, 4), (3, 5)))
    sound, out = kernels.Differences(*np.zeros((2, 4, 7), np.float32)), np.empty_like(photo)
    for differences in (narrow, low, kernels.Differences(sound.across, narrow.down)):
        with pytest.raises(ValueError, match=r"for (across|down)"):
            kernels.differences_stages(photo, differences)
    with pytest.raises(ValueError, match="for washes"):
        kernels.watercolor_stages(photo, sound, out, np.zeros((4, 8, 4), np.int16), 60, 0.45, bench)


def test_a_missing_library_is_named(kernels: ModuleType, tmp_path: Path) -> None:
    """No library: a KernelsUnavailable that says where it was looked for."""
    with pytest.raises(library.KernelsUnavailable, match=str(tmp_path)):
        library.Library(tmp_path / "none.so")


def test_another_abi_is_refused(kernels: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of another ABI is not called."""
    monkeypatch.setattr(library, "ABI", 99)
    with pytest.raises(library.KernelsUnavailable, match="ABI 99"):
        library.Library(library.LIBRARY)


def test_an_unknown_level_is_refused(kernels: ModuleType) -> None:
    """A level that the library doesn't have is not replaced by another."""
    with pytest.raises(library.KernelsUnavailable, match="mmx"):
        library.Library(library.LIBRARY, "mmx")


def test_another_library_is_refused(kernels: ModuleType) -> None:
    """A library that isn't the kernels is not mistaken for them."""
    libc = Path(ctypes.util.find_library("c") or "")
    with pytest.raises(library.KernelsUnavailable):
        library.Library(libc)
