"""Drives the protocol for one photo: paints, while separate threads wait for the store."""

from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ..errors import Refusal
from ..manifest import Manifest, PhotoFacts
from ..protocol import Call, Outcome, Record, Target, protocol
from ..protocol.requests import (
    CHANGED,
    NOT_SENT,
    READY,
    AnyOf,
    First,
    PutFile,
    Read,
    Request,
    Single,
    Unpaintable,
    Withdraw,
)
from ..recipe import Recipe, RecipeOverrides
from .bytes_in_flight import Share
from .painting import Paintings
from .photo_requests import PhotoRequests, too_late

if TYPE_CHECKING:
    from .studio import NewPhoto, Studio


class PhotoRun:
    """One call for one photo, in phases, so that another photo can be painted while this one waits.

    `advance` waits for the store, `read` reads the photo, and `paint` uses the threads of the studio and does not wait
    for the store:

        while run.advance():
            run.read()
            run.paint()

    The loop nearly always runs once; a photo that changes meanwhile is painted again. Every method raises the store's
    errors, and OutOfTime once the studio's deadline has passed.
    """

    def __init__(
        self,
        studio: "Studio",
        call: Call,
        photo: PhotoFacts,
        overrides: RecipeOverrides,
        brought: "NewPhoto | None" = None,
    ) -> None:
        self.photo = photo
        self._studio = studio
        self._share = Share(studio.in_flight, studio.deadline)
        self._requests = PhotoRequests(studio, call, photo, overrides, brought)
        self._asking = protocol(call)
        self._request: Request | None = next(self._asking)
        self._outcome: Outcome | None = None
        self._under_way: dict[Single, Future[Any]] = {}
        self._painted: Target | None = None

    # --------------------------------------------------------------------------------------------------- phases

    def advance(self) -> bool:
        """Follow the protocol until the photo must be read and painted, or to its end.

        Return whether the photo must be read and painted.
        """
        with self._closing_on_error():
            while self._request:
                if isinstance(self._request, Read) and not self._is_painted(self._request.target):
                    self._drop_paintings()
                    return True
                self._answered(self._awaited(self._request))
        self._close()
        return False

    def reserve(self, size: int | None = None) -> None:
        """Wait for room in memory for the photo; `size` is its size in bytes if the store has not told it yet."""
        with self._closing_on_error():
            if isinstance(self._request, Read):
                size = self._requests.size_of(self._request.target)
            if not self._share.take_photo(size or 0):
                raise too_late()

    def read(self) -> None:
        """Read the photo, unless it is already known to be unpaintable."""
        self.reserve()
        with self._closing_on_error():
            assert isinstance(self._request, Read)
            self._in_time(self._studio.requests.submit(self._requests.load, self._request.target))

    def paint(self) -> None:
        """Decode and paint the photo that was read; the put of each painting starts as soon as it is encoded."""
        with self._closing_on_error():
            assert isinstance(self._request, Read)
            self._answered(self._ready(self._request.target))
            self._go_on_without_waiting()
            while self._is_painting():
                assert self._requests.paintings is not None
                self._share.add_painting(self._requests.paintings.paint_next())
                self._go_on_without_waiting()

    def result(self) -> tuple[Outcome, Manifest | None]:
        """Return the outcome of the protocol, and its manifest, None if this run has not seen it."""
        assert self._outcome is not None
        record = self._outcome.record
        return self._outcome, self._requests.manifests.get(record.id) if record else None

    def manifest_of(self, record: Record) -> Manifest:
        """Return the full manifest of a record, stored or not."""
        return self._requests.manifest_of(record)

    def abandon(self) -> None:
        """End the run before or instead of `paint`: release its memory, threads and connection."""
        self._close()

    # -------------------------------------------------------------------------------------------------- driving

    def _answered(self, answer: Any) -> None:
        try:
            self._request = self._asking.send(answer)
        except StopIteration as end:
            self._request, self._outcome = None, end.value

    def _go_on_without_waiting(self) -> None:
        """Start the requests of the protocol, and follow it as long as answers are available."""
        while self._request:
            match self._request:
                case Read(target):
                    if not self._is_painted(target):
                        return
                    self._answered(READY)
                case Withdraw(put):
                    if put in self._under_way:  # the put may be in flight, so its withdrawal may have to wait
                        return
                    self._answered(NOT_SENT)
                case _:
                    begun = self._begun(self._request)
                    done = next((future for future in begun if future.done()), None)
                    if done is None:
                        return
                    self._answered(self._taken(begun[done], done))

    def _awaited(self, request: Request) -> Any:
        """Wait for the answer to a request. All paintings are finished here, so every one can be put."""
        match request:
            case Read():
                return READY
            case Withdraw(put):
                return self._withdrawn(put)
        begun = self._begun(request)
        done = next((future for future in begun if future.done()), None) or next(iter(self._waited(begun)))
        return self._taken(begun[done], done)

    def _begun(self, request: Request) -> "dict[Future[Any], Single]":
        """Start the requests that can start, and return all of `request` that are in flight."""
        requests = request.requests if isinstance(request, AnyOf) else (request,)
        for single in requests:
            if single not in self._under_way and self._can_begin(single):
                self._under_way[single] = self._studio.requests.submit(self._requests.perform, single)
        return {self._under_way[single]: single for single in requests if single in self._under_way}

    def _taken(self, single: Single, done: "Future[Any]") -> Any:
        del self._under_way[single]
        return First(single, done.result()) if isinstance(self._request, AnyOf) else done.result()

    def _can_begin(self, request: Single) -> bool:
        if not isinstance(request, PutFile):
            return True
        return self._requests.paintings is not None and request.name in self._requests.paintings.encoded

    def _withdrawn(self, put: PutFile) -> Any:
        future = self._under_way.pop(put, None)
        if future is None or future.cancel():
            return NOT_SENT
        return self._in_time(future)

    def _in_time(self, future: "Future[Any]") -> Any:
        self._waited([future])
        return future.result()

    def _waited(self, futures: Collection["Future[Any]"]) -> "set[Future[Any]]":
        """Wait until at least one future is done, and return those that are.

        Raises OutOfTime; requests still in flight then are not waited for.
        """
        done = self._studio.requests.wait(futures, self._studio.deadline)
        if not done:
            raise too_late()
        return done

    # ------------------------------------------------------------------------------------------------- painting

    def _is_painted(self, target: Target) -> bool:
        """Return whether the current paintings, finished or not, are of `target`."""
        painted = self._painted if self._requests.paintings else None
        return painted is not None and painted.recipe == target.recipe and self._requests.is_of(target.version)

    def _is_painting(self) -> bool:
        """Return whether paintings are unfinished that the protocol still needs."""
        paintings = self._requests.paintings
        is_wanted = self._request is not None and not isinstance(self._request, Read)
        return is_wanted and paintings is not None and not paintings.is_finished

    def _ready(self, target: Target) -> Any:
        """Decode the photo that was read. Return READY, Unpaintable, or CHANGED if another version is stored."""
        requests = self._requests
        try:
            requests.check_paintable(target)
            data = requests.take_body()
            if data is None:
                return CHANGED
            assert isinstance(target.recipe, Recipe)
            requests.paintings, self._painted = Paintings(data, target.recipe, self._studio, requests.watch), target
        except Refusal as refusal:
            requests.refusal = refusal
            return Unpaintable()
        finally:
            data = None
            self._share.free_photo()
        return READY

    def _drop_paintings(self) -> None:
        if self._requests.paintings:
            self._requests.paintings.close()
            self._requests.paintings = None
        self._share.free_paintings()

    # ------------------------------------------------------------------------------------------------------ end

    def _closing_on_error(self) -> "_Closing":
        return _Closing(self)

    def _close(self) -> None:
        """Stop painting, cancel requests that have not started, and wait for the others, at most until the deadline."""
        if self._requests.paintings:
            self._requests.paintings.close()
        begun = {future for future in self._under_way.values() if not future.cancel()}
        while begun and (done := self._studio.requests.wait(begun, self._studio.deadline)):
            begun -= done
        self._requests.close()
        self._share.close()


class _Closing:
    """Closes a run whose phase fails."""

    def __init__(self, run: PhotoRun) -> None:
        self._run = run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._run._close()
