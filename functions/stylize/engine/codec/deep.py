"""Decodes more than 8 bits per sample with OpenCV: Pillow has no such colors, and truncates instead of rounding."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .header import Header


def decode_deep(data: bytes | bytearray, header: Header) -> NDArray[np.uint16] | None:
    """Decode to (height, width, channels), red first; None if OpenCV can't, or its result does not match `header`.

    Only for data whose header has been read, because OpenCV itself chooses the loader.
    """
    try:
        codes: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError(str(error)) from error
        return None
    if codes is None or codes.dtype != np.uint16 or codes.shape[:2] != (header.height, header.width):
        return None
    codes = codes if codes.ndim == 3 else codes[..., None]
    expected = {"gray": (1, 2), "rgb": (3, 4)}.get(header.space, ())
    if codes.shape[2] not in expected and not (header.space == "gray" and codes.shape[2] == 4):
        return None
    if codes.shape[2] == 4 and header.space == "gray":
        return np.asarray(codes[..., [0, 3]])
    return np.asarray(codes[..., [2, 1, 0, 3][: codes.shape[2]]] if codes.shape[2] == 4 else codes[..., ::-1])
