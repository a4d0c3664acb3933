"""The API behind API Gateway, a function URL or a load balancer. Callers read docs/api.md.

request.py      an event -> a request          routes.py   the route of a request
bodies.py       photos and forms               accept.py   the caller's preferences
principals.py   the caller's identity          api.py      the routes
answers.py      an answer -> the response format of the sender
"""

from typing import Any

from ...studio import Studio
from ..events import Event
from .answers import STATUS, Answer, error_answer, to_event, told
from .api import Api
from .request import Request, read_request
from .routes import Route

__all__ = ["STATUS", "answer"]


def answer(event: Event, studio: Studio) -> dict[str, Any]:
    """Return the response to a request. Never raises: errors become responses."""
    request = read_request(event)
    return to_event(_answer(request, studio), request, studio.settings.allowed_origin)


def _answer(request: Request, studio: Studio) -> Answer:
    try:
        if request.route in (Route.PAGE, Route.ASSET):
            from ..page import answer_page

            return answer_page(request, studio)
        return Api(request, studio).answer()
    except Exception as error:
        return error_answer(**told(error), request_id=request.id)
