"""Pages of other origins in a real browser: the allowed origin may call and read, any other may not."""

from base64 import b64encode

import pytest
from playwright.sync_api import Error

from local.gateway import Gateway, local_gateway
from stylize.doors import enter
from stylize.stores.s3 import S3Store
from tests.support.deployment import configured
from tests.support.origins import s3_with_rules, site
from tests.support.pictures import SMALL

KEY = "the-key"
PHOTO = b64encode(SMALL).decode()
BLOB = "const photo = new Blob([Uint8Array.from(atob(PHOTO), c => c.charCodeAt(0))], {type: 'image/png'});"


@pytest.fixture
def pages(deployment, browser, monkeypatch):
    """Run a script in a page of the stated origin, or of another: `pages(script, stranger=True)`."""
    with site() as stated, site() as other, s3_with_rules(deployment.cloud.endpoint, stated) as s3:
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
        studio = configured(deployment.studio, allowed_origin=stated).working_on(S3Store("paintings"))
        monkeypatch.undo()
        gateway = Gateway(lambda event, _: enter(event, studio.within(60)), KEY, allowed_origin=stated)
        with local_gateway(gateway) as api:

            def run(script, stranger=False):
                page = browser.new_page()
                page.goto(other if stranger else stated)
                given = SIGN + f"const API = '{api}', HEADERS = {{'x-api-key': '{KEY}'}}, PHOTO = '{PHOTO}'; {BLOB}"
                try:
                    return page.evaluate(f"async () => {{ {given} {script} }}")
                finally:
                    page.close()

            yield run


SIGN = """
    const sign = async asked => {
        const headers = {...HEADERS, 'Content-Type': 'application/json'};
        return (await fetch(`${API}/uploads`, {method: 'POST', body: JSON.stringify(asked), headers})).json();
    };
"""

POST_IMAGE = """
    const answer = await fetch(`${API}/paintings?styles=sketch`, {
        method: 'POST', body: photo, headers: {...HEADERS, Accept: 'image/*'}});
    const size = await createImageBitmap(await answer.blob());
    return [answer.status, answer.headers.get('X-Photo-Key'), size.width];
"""

POST_FORM = """
    const form = new FormData();
    form.append('photo', photo, 'cat.png');
    form.append('styles', 'oil');
    const answer = await fetch(`${API}/paintings`, {
        method: 'POST', body: form, headers: {...HEADERS, Prefer: 'respond-async'}});
    const later = await fetch(new URL(answer.headers.get('Location'), answer.url), {headers: HEADERS});
    return [answer.status, answer.headers.get('Preference-Applied'), later.status];
"""

UPLOAD = """
    const asked = {filename: 'cat.png', bytes: photo.size, recipe: 'styles=sketch'};
    const signed = await sign(asked);
    const put = () => fetch(signed.url, {method: signed.method, headers: signed.headers, body: photo});
    return [(await put()).status, (await put()).status, signed.key];
"""

CANVAS = """
    const found = await (await fetch(`${API}/paintings/cat.png`, {headers: HEADERS})).json();
    const picture = new Image();
    picture.crossOrigin = 'anonymous';
    picture.src = found.paintings[0].url;
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    return [canvas.width, context.getImageData(0, 0, 1, 1).data[3]];
"""

ERROR = """
    const answer = await fetch(`${API}/paintings/nothing.jpg`, {headers: HEADERS});
    const unknown = await fetch(`${API}/nowhere`);
    return [(await answer.json()).error.code, (await unknown.json()).error.code];
"""


def test_a_page_gets_an_image_and_its_key(pages):
    """A page gets a painting and its key by fetch, after a preflight for the API key."""
    status, key, width = pages(POST_IMAGE)
    assert (status, width) == (200, 128)
    assert key.endswith(".png")


def test_a_page_posts_a_form_and_does_not_wait(pages):
    """A page that posts asynchronously may read the Location of the paintings."""
    assert pages(POST_FORM) == [202, "respond-async", 202]


def test_a_page_uploads_to_s3(deployment, pages):
    """A page uploads by a signed PUT, once, and the photo is painted."""
    first, again, key = pages(UPLOAD)
    assert (first, again) == (200, 412)
    deployment.deliver()
    assert deployment.manifest(key)["status"] == "done"


def test_a_page_reads_paintings_pixel_by_pixel(deployment, pages):
    """A painting from S3 does not taint the page's canvas."""
    deployment.upload("cat.png", SMALL, recipe="styles=sketch")
    deployment.deliver()
    assert pages(CANVAS) == [128, 255]


def test_a_page_reads_errors(pages):
    """A page may read errors of the function and of API Gateway itself."""
    assert pages(ERROR) == ["not_found", "not_found"]


@pytest.mark.parametrize("script", [POST_IMAGE, POST_FORM, UPLOAD, CANVAS, ERROR], ids=range(5))
def test_a_page_of_another_origin_gets_nothing(deployment, pages, script):
    """A page of another origin may do none of these."""
    deployment.upload("cat.png", SMALL, recipe="styles=sketch")
    deployment.deliver()
    with pytest.raises(Error, match="Failed to fetch"):
        pages(script, stranger=True)


@pytest.mark.parametrize("bucket", ["photos", "paintings"])
def test_what_is_signed_is_no_use_to_another_origin(deployment, pages, bucket):
    """A page of another origin can neither read nor upload with a signed URL."""
    deployment.upload("cat.png", SMALL, recipe="styles=sketch")
    deployment.deliver()
    if bucket == "photos":
        asked = f"{{filename: 'a.png', bytes: {len(SMALL)}}}"
        signed = pages(f"return sign({asked});")
        request = f"{{method: 'PUT', body: photo, headers: {signed['headers']}}}"
        script = f"return (await fetch('{signed['url']}', {request})).status"
    else:
        url = pages(
            "return (await (await fetch(`${API}/paintings/cat.png`, {headers: HEADERS})).json()).paintings[0].url"
        )
        script = f"return (await fetch('{url}')).status"
    assert pages(script) == 200
    with pytest.raises(Error, match="Failed to fetch"):
        pages(script, stranger=True)
