"""What is sent to S3 over TLS: nothing that costs processor time and that TLS does anyway."""

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from stylize.stores.s3 import S3Store


def test_a_painting_is_put_plainly(monkeypatch):
    """No checksum, no signature of the body, no waiting for S3 to say that it may come."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    sent = []

    def answer(request, **_):
        sent.append(request)
        headers = HTTPHeaders()
        headers["ETag"] = '"1"'
        return AWSResponse(request.url, 200, headers, None)

    store = S3Store("paintings")
    store.client.meta.events.register("before-send.s3", answer)
    monkeypatch.setattr(AWSResponse, "content", b"")
    assert store.put("cat.jpg/oil.jpg", b"painting", "image/jpeg", "*") == "1"
    headers = {name.lower(): value for name, value in sent[0].headers.items()}
    assert headers["x-amz-content-sha256"] in ("UNSIGNED-PAYLOAD", b"UNSIGNED-PAYLOAD")
    assert not [name for name in headers if "checksum" in name or "trailer" in name or name == "expect"]
    assert "if-none-match" in headers
