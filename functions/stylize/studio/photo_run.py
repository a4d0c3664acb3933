"""Drives the protocol for one photo: paints, and has threads of their own wait for the store."""

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
    """One call for one photo. `advance` waits for the store, `read` reads the photo, `paint` uses the threads and waits
    for nothing: so others can paint while this call waits.

        while run.advance():
            run.read()
            run.paint()

    Nearly always that loop runs once; a photo that changes meanwhile is painted again. Every method raises what the
    store raises, and OutOfTime once the studio's deadline has passed.
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
        """See the protocol to where the photo is to be read and painted, or to its end; return whether it is."""
        with self._closing_on_error():
            while self._request:
                if isinstance(self._request, Read) and not self._is_painted(self._request.target):
                    self._drop_paintings()
                    return True
                self._answered(self._awaited(self._request))
        self._close()
        return False

    def reserve(self, size: int | None = None) -> None:
        """Wait until there is room in memory for the photo, of `size` bytes if it is not known yet."""
        with self._closing_on_error():
            if isinstance(self._request, Read):
                size = self._requests.size_of(self._request.target)
            if not self._share.take_photo(size or 0):
                raise too_late()

    def read(self) -> None:
        """Read the photo, unless it is known that it can't be painted."""
        self.reserve()
        with self._closing_on_error():
            assert isinstance(self._request, Read)
            self._in_time(self._studio.requests.submit(self._requests.load, self._request.target))

    def paint(self) -> None:
        """Decode and paint what was read; each painting is on its way as soon as it is encoded."""
        with self._closing_on_error():
            assert isinstance(self._request, Read)
            self._answered(self._ready(self._request.target))
            self._go_on_without_waiting()
            while self._is_painting():
                assert self._requests.paintings is not None
                self._share.add_painting(self._requests.paintings.paint_next())
                self._go_on_without_waiting()

    def result(self) -> tuple[Outcome, Manifest | None]:
        """Return how the protocol ended, and the manifest that goes with it."""
        assert self._outcome is not None
        record = self._outcome.record
        return self._outcome, self._requests.manifests.get(record.id) if record else None

    def manifest_of(self, record: Record) -> Manifest:
        """Return the full manifest of a record, which need not be stored."""
        return self._requests.manifest_of(record)

    def abandon(self) -> None:
        """Let go of everything, before `paint`."""
        self._close()

    # -------------------------------------------------------------------------------------------------- driving

    def _answered(self, answer: Any) -> None:
        try:
            self._request = self._asking.send(answer)
        except StopIteration as end:
            self._request, self._outcome = None, end.value

    def _go_on_without_waiting(self) -> None:
        """Begin what is asked for, and follow the protocol for as long as its answers are there."""
        while self._request:
            match self._request:
                case Read(target):
                    if not self._is_painted(target):
                        return
                    self._answered(READY)
                case Withdraw(put):
                    if put in self._under_way:  # to withdraw it may take a while
                        return
                    self._answered(NOT_SENT)
                case _:
                    begun = self._begun(self._request)
                    done = next((future for future in begun if future.done()), None)
                    if done is None:
                        return
                    self._answered(self._taken(begun[done], done))

    def _awaited(self, request: Request) -> Any:
        """The answer to a request. Everything is painted by now, so every painting can be put."""
        match request:
            case Read():
                return READY
            case Withdraw(put):
                return self._withdrawn(put)
        begun = self._begun(request)
        done = next((future for future in begun if future.done()), None) or next(iter(self._waited(begun)))
        return self._taken(begun[done], done)

    def _begun(self, request: Request) -> "dict[Future[Any], Single]":
        """Begin what can begin; return all of it that is under way."""
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
        """Those that are done, at least one. Raises OutOfTime; what is under way then is left to itself."""
        done = self._studio.requests.wait(futures, self._studio.deadline)
        if not done:
            raise too_late()
        return done

    # ------------------------------------------------------------------------------------------------- painting

    def _is_painted(self, target: Target) -> bool:
        """Whether the paintings at hand, or in the making, are of that target."""
        painted = self._painted if self._requests.paintings else None
        return painted is not None and painted.recipe == target.recipe and self._requests.is_of(target.version)

    def _is_painting(self) -> bool:
        """Whether there is something to paint that the protocol has not given up."""
        paintings = self._requests.paintings
        is_wanted = self._request is not None and not isinstance(self._request, Read)
        return is_wanted and paintings is not None and not paintings.is_finished

    def _ready(self, target: Target) -> Any:
        """Decode what was read."""
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
        """Stop painting, take back what has not begun, and see what has begun to its end, while there is time."""
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
