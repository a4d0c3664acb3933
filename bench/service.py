"""A web service with OpenCV's filters, before and after the usual tuning, behind Flask.

    python service.py NAME

The service prints its port and serves. NAME is a key of SERVICES, every POST is a photo, and `?quality=` is one of
QUALITIES. An answer has the paintings in Base64, as a page would show them. Run it in the environment of OpenCV's
contrib build.
"""

import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np

Filter = Callable[[np.ndarray], np.ndarray]
Service = Callable[[bytes, str], list[bytes]]
"""A function of an encoded photo and a quality that returns the encoded paintings."""


def pencil(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    drawings: tuple[np.ndarray, np.ndarray] = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)
    return drawings


def watercolor(photo: np.ndarray) -> np.ndarray:
    return cv2.stylization(photo, sigma_s=60, sigma_r=0.45)


def oil(photo: np.ndarray, size: int = 10) -> np.ndarray:
    painting: np.ndarray = cv2.xphoto.oilPainting(photo, size, 10)  # type: ignore[attr-defined]  # contrib only
    return painting


SKETCHES: list[Filter] = [lambda photo: pencil(photo)[0], lambda photo: pencil(photo)[1]]
"""One filter each, so that pencilSketch is called twice."""

QUALITIES: dict[str, tuple[int | None, Sequence[Filter]]] = {
    "hd": (None, [*SKETCHES, oil, watercolor]),
    "smooth": (1200, [*SKETCHES, lambda photo: oil(photo, 6), watercolor]),
    "fast": (800, SKETCHES),
}
"""The longest side in pixels and the filters, the same as this project's at the quality of that name."""


def decode(data: bytes, longest: int | None = None) -> np.ndarray:
    photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    if longest is None or max(photo.shape) <= longest:
        return photo
    scale = longest / max(photo.shape)
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def encode(painting: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", painting, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def before() -> Service:
    """Return the service before tuning: one filter after the other."""

    def paint(data: bytes, quality: str) -> list[bytes]:
        longest, filters = QUALITIES[quality]
        photo = decode(data, longest)
        return [encode(each(photo)) for each in filters]

    return paint


def after() -> Service:
    """Return the service after tuning: a thread for each filter, OpenCV's own threads off."""
    cv2.setNumThreads(0)
    pool = ThreadPoolExecutor(4)

    def paint(data: bytes, quality: str) -> list[bytes]:
        longest, filters = QUALITIES[quality]
        photo = decode(data, longest)
        return list(pool.map(lambda each: encode(each(photo)), filters))

    return paint


SERVICES = {"service-before": before, "service-after": after}


def main(name: str) -> None:
    from flask import Flask, request
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: Any) -> None:
            """Log nothing."""

    app, paint = Flask(__name__), SERVICES[name]()

    @app.post("/")
    def stylize() -> dict[str, list[str]]:
        paintings = paint(request.get_data(), request.args["quality"])
        return {"paintings": [b64encode(painting).decode() for painting in paintings]}

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
