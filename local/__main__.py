"""`make run`: the studio at http://127.0.0.1:8000, until Ctrl-C. Only the files in paintings/ outlive it.

The studio listens before other modules are imported; early requests wait until their part is ready.
"""

import sys

from .listener import listen, url_of


def main(arguments: list[str]) -> int:
    """Return the exit status: 0 after Ctrl-C; exit with 2 for bad usage."""
    page, s3 = listen(8000, 0), listen(8001, 0)
    print(f"the studio is at {url_of(page)}; Ctrl-C ends it", flush=True)
    try:
        from .studio import run

        run(page, s3, arguments)
    except KeyboardInterrupt:
        print("\nthe studio is closed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
