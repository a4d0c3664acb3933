"""All stores give the same answers to a script of conditional requests: memory, file system and S3."""

from hashlib import md5

from local.cloud import PAINTINGS, PHOTOS
from stylize.manifest import PhotoFacts
from stylize.stores.base import Replaced
from stylize.stores.files import FileStore
from stylize.stores.memory import MemoryStore
from stylize.stores.s3 import S3Store
from tests.support.pictures import SMALL

CAT, NO_CAT = PhotoFacts(PHOTOS, "cat.jpg"), PhotoFacts(PHOTOS, "dog.jpg")
OIL, SKETCH, MANIFEST = "cat.jpg/oil.jpg", "cat.jpg/sketch.jpg", "cat.jpg/manifest.json"
ONE, TWO = md5(b"one").hexdigest(), md5(b"two").hexdigest()
TYPE = "image/jpeg"

SCRIPT = (
    ("get_manifest", "cat.jpg"),
    ("painting_etags", "cat.jpg"),
    ("head_painting", OIL),
    ("put", OIL, b"one", TYPE, TWO),  # replaces what is not there
    ("put", OIL, b"one", TYPE, "*"),
    ("put", OIL, b"two", TYPE, "*"),  # creates what is there
    ("put", OIL, b"two", TYPE, TWO),  # replaces another one
    ("head_painting", OIL),
    ("put", OIL, b"two", TYPE, ONE),
    ("put", OIL, b"two", TYPE, ONE),  # the same again, as a client does that got no answer
    ("head_painting", OIL),
    ("put", SKETCH, b"one", TYPE, "*"),
    ("painting_etags", "cat.jpg"),
    ("painting_etags", "cat"),
    ("delete", OIL, ONE),  # another one
    ("head_painting", OIL),
    ("delete", OIL, TWO),
    ("delete", OIL, TWO),  # gone already
    ("delete", "dog.jpg/oil.jpg", TWO),  # never there
    ("head_painting", OIL),
    ("put", OIL, b"two", TYPE, TWO),  # replaces what has been deleted
    ("put", MANIFEST, b"one", "application/json", "*"),
    ("put", MANIFEST, b"two", "application/json", "*"),
    ("put", MANIFEST, b"two", "application/json", ONE),
    ("put", MANIFEST, b"one", "application/json", ONE),
    ("painting_etags", "cat.jpg"),
    ("open_photo", CAT),
    ("head_photo", CAT),
    ("open_photo", NO_CAT),
    ("head_photo", NO_CAT),
)


def answers(store):
    """What became of each request of the script, without what differs between any two stores, such as times."""
    for method, *arguments in SCRIPT:
        try:
            answer = getattr(store, method)(*arguments)
        except Replaced:
            answer = "replaced"
        if method == "open_photo" and answer:
            facts = answer.seen.facts
            answer = facts.key, facts.etag, facts.bytes, b"".join(answer.read()), answer.seen.age < 60
        elif method == "head_photo" and answer:
            answer = answer.facts.key, answer.facts.etag, answer.facts.bytes, answer.age < 60
        elif method == "get_manifest" and answer:
            answer = answer.etag, answer.age < 60
        elif method == "painting_etags":
            answer = {key: etag for key, etag in answer.items() if key != MANIFEST}
        yield (method, *arguments), answer


class OnePhoto(MemoryStore):
    """A store in memory that tells its photo from others."""

    def open_photo(self, photo):
        return super().open_photo(photo) if photo == CAT else None

    def head_photo(self, photo):
        return super().head_photo(photo) if photo == CAT else None


def test_the_same_answers(deployment, tmp_path):
    """Every store gives the same answer to each request, whether its condition holds or not."""
    deployment.upload("cat.jpg", SMALL)
    (tmp_path / "cat.jpg").write_bytes(SMALL)
    photos = {name: tmp_path / name for name in ("cat.jpg", "dog.jpg")}
    in_memory = list(answers(OnePhoto(SMALL)))
    assert list(answers(FileStore(photos, tmp_path / "out"))) == in_memory
    assert list(answers(S3Store(PAINTINGS))) == in_memory
    replaced = [request for request, answer in in_memory if answer == "replaced"]
    assert len(replaced) == 8


def test_versions(deployment):
    """A photo that is put again is a new version, even with the same bytes."""
    for store in (S3Store(PAINTINGS), MemoryStore()):
        put = [store.put_photo(CAT, SMALL, "image/png", {"styles": "oil"}) for _ in range(2)]
        seen = store.head_photo(CAT)
        assert seen
        assert put[0].etag == put[1].etag
        assert put[0].version_id != put[1].version_id == seen.facts.version_id
        assert seen.metadata == {"styles": "oil"}
        assert seen.facts.last_modified is not None


def test_a_listing_that_is_cut_off(deployment):
    """A truncated listing says so."""
    store = S3Store(PAINTINGS)
    store.client.meta.events.register(
        "before-parameter-build.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=2)
    )
    for i in range(3):
        deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key=f"cat.jpg/a{i}", Body=b"")
    assert store.painting_etags("cat.jpg") is None
