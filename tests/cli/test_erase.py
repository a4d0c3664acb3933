"""Erasing deletes photos, their paintings and manifests, and nothing else."""

import pytest

from local.cloud import PAINTINGS, PHOTOS
from stylize.cli.erase import main
from tests.support.deployment import keys_of
from tests.support.pictures import SMALL, sample_file

BUCKETS = ["--photos-bucket", PHOTOS, "--paintings-bucket", PAINTINGS]


def versions(deployment, prefix=""):
    """Keys and versions in the photos bucket, markers of deleted ones included."""
    found = deployment.cloud.s3.list_object_versions(Bucket=PHOTOS, Prefix=prefix)
    return [(each["Key"], each["VersionId"]) for name in ("Versions", "DeleteMarkers") for each in found.get(name, [])]


@pytest.fixture
def photos(deployment):
    """Two photos of one person, one of them replaced and one deleted, and two of somebody else."""
    for prefix in ("anna/", "anna/cat.jpg", "annabel/", "dog.jpg"):
        main([prefix, *BUCKETS, "--yes"])  # versions that other tests have left
    deployment.upload("anna/cat.jpg", SMALL)
    deployment.upload("anna/cat.jpg", sample_file())
    deployment.upload("anna/gone.jpg", SMALL)
    deployment.upload("annabel/cat.jpg", SMALL)
    deployment.upload("anna/cat.jpg/inside.jpg", SMALL)
    deployment.deliver()
    deployment.cloud.s3.delete_object(Bucket=PHOTOS, Key="anna/gone.jpg")
    return deployment


def test_a_person_is_erased(photos, capsys):
    """Every version, delete marker, painting and manifest under a prefix is deleted; a neighbor's photos stay."""
    assert len(versions(photos, "anna/")) == 5
    assert main(["anna/", *BUCKETS, "--yes"]) == 0
    assert versions(photos, "anna/") == []
    assert photos.written() == keys_of("annabel/cat.jpg")
    assert len(versions(photos, "annabel/")) == 1
    assert capsys.readouterr().out.endswith(" 0 left\n")


def test_one_photo_is_erased(photos):
    """Erasing one key keeps photos whose keys begin with it, and their paintings."""
    assert main(["anna/cat.jpg", *BUCKETS, "--yes"]) == 0
    left = {key for key, _ in versions(photos, "anna/")}
    assert left == {"anna/cat.jpg/inside.jpg", "anna/gone.jpg"}
    assert photos.written() >= keys_of("anna/cat.jpg/inside.jpg") | keys_of("anna/gone.jpg")
    assert not photos.written() & keys_of("anna/cat.jpg")


def test_nothing_is_erased_unasked(photos, capsys):
    """Without --yes the command only lists what it would delete."""
    before = versions(photos), photos.written()
    assert main(["anna/", *BUCKETS]) == 0
    assert (versions(photos), photos.written()) == before
    assert capsys.readouterr().out.count("would delete s3://") == 5 + 3 * 5


def test_an_erased_photo_stays_erased(photos):
    """A late duplicate of an erased photo's event paints nothing."""
    body = photos.take(photos.cloud.uploads_url)
    assert body == []
    photos.upload("anna/new.jpg", SMALL)
    main(["anna/", *BUCKETS, "--yes"])
    photos.deliver()
    assert not [key for key in photos.written() if key.startswith("anna/") and not key.endswith("manifest.json")]
