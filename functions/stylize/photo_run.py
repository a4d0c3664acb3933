"""Drives the protocol for one photo: paints, and has threads of their own wait for the store."""

from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .errors import Refusal
from .manifest import Manifest, PhotoFacts
from .painting import Paintings
from .photo_requests import PhotoRequests, too_late
from .protocol import Call, Outcome, Record, Target, protocol
from .protocol.requests import (
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
from .recipe import Recipe, RecipeOverrides

if TYPE_CHECKING:
    from .studio import NewPhoto, Studio


class PhotoRun:
    """One call for one photo, in three phases, so that others can use the time that each leaves: `read` waits for the
    store, `paint` uses the threads, `finish` waits for the store again.

    Every phase raises what the store raises, and OutOfTime once the studio's deadline has passed.
    """

    def __init__(
        self,
        studio: "Studio",
        call: Call,
        photo: PhotoFacts,
        overrides: RecipeOverrides,
        brought: "NewPhoto | None" = None,
    ) -> None:
        self._studio = studio
        self._requests = PhotoRequests(studio, call, photo, overrides, brought)
        self._asking = protocol(call)
        self._request: Request | None = next(self._asking)
        self._outcome: Outcome | None = None
        self._under_way: dict[Single, Future[Any]] = {}
        self._painted: Target | None = None

    # --------------------------------------------------------------------------------------------------- phases

    def read(self) -> None:
        """Look at what is there, and read the photo unless nothing is to be painted."""
        with self._closing_on_error():
            while self._request and not isinstance(self._request, Read):
                self._advance()
            if isinstance(self._request, Read):
                self._in_time(self._studio.requests.submit(self._requests.load, self._request.target))

    def paint(self) -> None:
        """Decode and paint; each painting is on its way as soon as it is encoded."""
        with self._closing_on_error():
            while self._request and (self._requests.paintings is None or not self._requests.paintings.is_finished):
                self._advance()

    def finish(self) -> tuple[Outcome, Manifest | None]:
        """See the protocol to its end. Return how it ended, and the manifest that goes with it."""
        with self._closing_on_error():
            while self._request:
                self._advance()
        self._close()
        assert self._outcome is not None
        record = self._outcome.record
        return self._outcome, self._requests.manifests.get(record.id) if record else None

    def manifest_of(self, record: Record) -> Manifest:
        """Return the full manifest of a record, which need not be stored."""
        return self._requests.manifest_of(record)

    # -------------------------------------------------------------------------------------------------- driving

    def _advance(self) -> None:
        assert self._request is not None
        answer = self._answer(self._request)
        try:
            self._request = self._asking.send(answer)
        except StopIteration as end:
            self._request, self._outcome = None, end.value

    def _answer(self, request: Request) -> Any:
        match request:
            case AnyOf(requests):
                return self._first_of(requests)
            case Read(target):
                return self._ready(target)
            case Withdraw(put):
                return self._withdrawn(put)
            case _:
                return self._in_time(self._studio.requests.submit(self._requests.perform, request))

    def _first_of(self, requests: tuple[Single, ...]) -> First:
        """The first answer. While none has come, the next painting is painted and sent on its way."""
        while True:
            for request in requests:
                if request not in self._under_way and self._can_begin(request):
                    self._under_way[request] = self._studio.requests.submit(self._requests.perform, request)
            begun = {self._under_way[request]: request for request in requests if request in self._under_way}
            done = next((future for future in begun if future.done()), None)
            if done is None and len(begun) < len(requests):
                assert self._requests.paintings is not None
                self._requests.paintings.paint_next()
                continue
            if done is None:
                done = next(iter(self._waited(begun)))
            del self._under_way[begun[done]]
            return First(begun[done], done.result())

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
        """Those that are done, at least one. Raises OutOfTime; what is under way then is left to itself."""
        done = self._studio.requests.wait(futures, self._studio.deadline)
        if not done:
            raise too_late()
        return done

    def _ready(self, target: Target) -> Any:
        """Read, unless that has been done, and decode."""
        requests = self._requests
        if requests.paintings:
            if self._painted and self._painted.recipe == target.recipe and requests.is_body_of(target.version):
                return READY
            requests.paintings.close()
            requests.paintings = None
        try:
            requests.check_paintable(target)
            data = self._in_time(self._studio.requests.submit(requests.load, target))
            if data is None:
                return CHANGED
            requests.check_paintable(target)  # reading may have told
            assert isinstance(target.recipe, Recipe)
            requests.paintings, self._painted = Paintings(data, target.recipe, self._studio, requests.watch), target
            requests.forget_body()
        except Refusal as refusal:
            requests.refusal = refusal
            return Unpaintable()
        return READY

    # ------------------------------------------------------------------------------------------------------ end

    def _closing_on_error(self) -> "_Closing":
        return _Closing(self)

    def _close(self) -> None:
        """Stop painting, take back what has not begun, and see what has begun to its end, while there is time."""
        if self._requests.paintings:
            self._requests.paintings.close()
        begun = {future for future in self._under_way.values() if not future.cancel()}
        while begun and (done := self._studio.requests.wait(begun, self._studio.deadline)):
            begun -= done
        self._requests.close()


class _Closing:
    """Closes a run whose phase fails."""

    def __init__(self, run: PhotoRun) -> None:
        self._run = run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._run._close()
