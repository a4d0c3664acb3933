"""Clients of AWS services, made cheaply. The only file that makes them.

By botocore, on which boto3 is built: boto3 would add its resources and managed transfers to every cold start, and
nothing here uses them.
"""

from typing import Any

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session


class _Loader(Loader):
    """Reads a service's description once, however many clients are made of it.

    Looking for the descriptions of all other services is most of what a first client costs.
    """

    def list_available_services(self, type_name: str) -> list[str]:
        return ["s3", "sqs"]


_LOADER = _Loader()


def new_client(service: str, config: Config) -> Any:
    """A client with connections of its own, and credentials as the environment has them now."""
    session = Session()
    session.register_component("data_loader", _LOADER)
    return session.create_client(service, config=config)
