"""The limit on encoded data in memory: photos not decoded yet, and paintings not recorded yet."""

from collections.abc import Callable
from threading import Condition
from time import monotonic


class BytesInFlight:
    """Counts bytes of photos and paintings, and makes readers and the painter wait while there are too many.

    A photo larger than `limit` bytes is admitted when nothing else is held. Paintings are counted after they are
    encoded, so at most `limit` bytes and the paintings of one photo are held.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._photos = self._paintings = 0
        self._changed = Condition()

    @property
    def held(self) -> int:
        return self._photos + self._paintings

    def wait_for_room(self, deadline: float) -> bool:
        """Wait until paintings of earlier photos leave room to paint; return False if `deadline` passes first."""
        with self._changed:
            return self._wait(lambda: not self._paintings or self.held <= self.limit, deadline)

    def take_photo(self, size: int, deadline: float) -> bool:
        """Wait for room for a photo of `size` bytes and take it; return False if `deadline` passes first."""
        with self._changed:
            if not self._wait(lambda: not self.held or self.held + size <= self.limit, deadline):
                return False
            self._photos += size
            return True

    def add(self, photo: int = 0, paintings: int = 0) -> None:
        """Add to the counts without waiting; negative numbers subtract."""
        with self._changed:
            self._photos += photo
            self._paintings += paintings
            self._changed.notify_all()

    def _wait(self, holds: Callable[[], bool], deadline: float) -> bool:
        while not holds():
            left = deadline - monotonic()
            if left <= 0:
                return False
            self._changed.wait(min(left, 3600.0))
        return True


class Share:
    """One photo's share of the bytes in flight."""

    def __init__(self, in_flight: BytesInFlight, deadline: float) -> None:
        self._in_flight, self._deadline = in_flight, deadline
        self._photo = self._paintings = 0

    def take_photo(self, size: int) -> bool:
        """Wait for room for a photo of `size` bytes; return False if the deadline passes first.

        A smaller share taken earlier is given back first, so that no waiting photo holds room that another waits for.
        """
        if size <= self._photo:
            return True
        self.free_photo()
        if not self._in_flight.take_photo(size, self._deadline):
            return False
        self._photo = size
        return True

    def free_photo(self) -> None:
        self._in_flight.add(photo=-self._photo)
        self._photo = 0

    def add_painting(self, size: int) -> None:
        self._in_flight.add(paintings=size)
        self._paintings += size

    def free_paintings(self) -> None:
        self._in_flight.add(paintings=-self._paintings)
        self._paintings = 0

    def close(self) -> None:
        self.free_photo()
        self.free_paintings()
