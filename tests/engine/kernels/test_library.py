"""Loading the library: other libraries are refused, and statuses become exceptions."""

import ctypes.util
from pathlib import Path

import numpy as np
import pytest

from stylize.engine import Kernels, KernelsUnavailable
from stylize.engine.kernels import library as module
from stylize.engine.kernels.library import Library, load
from stylize.engine.styles.differences import differences_stages
from stylize.engine.styles.painter import cut_stages
from stylize.engine.styles.planes import Arrays, Differences
from stylize.engine.styles.watercolor import Watercolor, WatercolorParams
from tests.support.guarded import GuardedPool
from tests.support.native import Native
from tests.support.pictures import picture


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    """A missing library is a KernelsUnavailable that names its path."""
    with pytest.raises(KernelsUnavailable, match=str(tmp_path)):
        Library(tmp_path / "none.so")


def test_missing_kernels_are_not_replaced_silently(tmp_path: Path) -> None:
    """Missing kernels are an error if native kernels are required, as on Lambda."""
    path = tmp_path / "none.so"
    assert load(Kernels.AUTO, path) is None
    with pytest.raises(KernelsUnavailable, match=r"expected the kernels at .*none\.so"):
        load(Kernels.NATIVE, path)


def test_another_abi_is_refused(library_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library with another ABI number is refused."""
    monkeypatch.setattr(module, "ABI", 99)
    with pytest.raises(KernelsUnavailable, match="ABI 99"):
        Library(library_path)


def test_an_unknown_target_is_refused(library_path: Path) -> None:
    """A target that the library does not have is refused, not replaced."""
    with pytest.raises(KernelsUnavailable, match="mmx"):
        Library(library_path, "mmx")


def test_another_library_is_refused() -> None:
    """A library without the kernels is refused."""
    with pytest.raises(KernelsUnavailable):
        Library(Path(ctypes.util.find_library("c") or ""))


def test_a_status_becomes_an_exception(native: Native) -> None:
    """Parameters out of range raise a ValueError that names the kernel."""
    photo = picture("random", 8, 8)
    with pytest.raises(ValueError, match="oil_scratch: expected"):
        native.paint_oil(photo, 65, 10)
    with pytest.raises(ValueError, match="pencil_scratch: expected"):
        native.paint_pencil(photo, 60, 0.07, 1.2)
    with pytest.raises(ValueError, match="watercolor_rows: expected"):
        native.paint_watercolor(photo, 60, 1e-9)


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
def test_photos_are_checked(library: Library, photo: np.ndarray) -> None:
    """A photo of another shape, type or layout is refused before C gets its address."""
    out, washes = np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5, 4), np.int16)
    differences = Differences(*np.zeros((2, 4, 5), np.float32))
    with pytest.raises(ValueError, match="expected"):
        cut_stages(Watercolor(WatercolorParams()), Arrays(photo, [out], [washes], differences), library, GuardedPool())
    with pytest.raises(ValueError, match="expected"):
        differences_stages(photo, differences, library, GuardedPool())


def test_planes_are_checked(library: Library) -> None:
    """Planes of another photo, or with different strides, are refused."""
    photo, pool, watercolor = picture("random", 4, 5), GuardedPool(), Watercolor(WatercolorParams())
    narrow, low = (Differences(*np.zeros((2, *shape), np.float32)) for shape in ((4, 4), (3, 5)))
    sound, out, washes = (
        Differences(*np.zeros((2, 4, 7), np.float32)),
        np.empty_like(photo),
        np.zeros((4, 7, 4), np.int16),
    )
    for differences in (narrow, low, Differences(sound.across, narrow.down)):
        with pytest.raises(ValueError, match=r"^(across|down): expected"):
            differences_stages(photo, differences, library, pool)
        with pytest.raises(ValueError, match=r"^(across|down): expected"):
            cut_stages(watercolor, Arrays(photo, [out], [washes], differences), library, pool)
    with pytest.raises(ValueError, match=r"^plane: expected"):
        cut_stages(watercolor, Arrays(photo, [out], [np.zeros((4, 8, 4), np.int16)], sound), library, pool)
    with pytest.raises(ValueError, match=r"^planes: expected 1, got 0"):
        cut_stages(watercolor, Arrays(photo, [out], [], sound), library, pool)
    with pytest.raises(ValueError, match=r"^bgr canvas: expected"):
        cut_stages(watercolor, Arrays(photo, [out[..., 0]], [washes], sound), library, pool)
    with pytest.raises(ValueError, match=r"^differences: expected"):
        cut_stages(watercolor, Arrays(photo, [out], [washes]), library, pool)
