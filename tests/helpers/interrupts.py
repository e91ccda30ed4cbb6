"""An interrupt at each event that a tracer sees in some files: whatever was switched must then be as it was."""

import sys
from collections.abc import Callable, Iterator


class Interrupt(KeyboardInterrupt):
    """As a key press raises it, between any two instructions."""


def interrupted(call: Callable[[], object], files: tuple[str, ...], every: int = 1) -> Iterator[int]:
    """Run a call again and again, interrupted at its 1st, 2nd, 3rd, ... event in the files, until it runs through.

    A file is named by how its path ends. An event is a call, a new line or a return.
    """
    n = 0
    while _raised(call, files, n):
        yield n
        n += every
    assert n > 0, "nothing of these files ran"


def _raised(call: Callable[[], object], files: tuple[str, ...], n: int) -> bool:
    """Whether a call was interrupted at its n-th event; it was not if it has fewer."""
    left = n

    def trace(frame, event, arg):
        nonlocal left
        if not frame.f_code.co_filename.endswith(files):
            return None
        if event != "exception":
            if left == 0:
                left = -1
                raise Interrupt
            left -= 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except Interrupt:
        return True
    finally:
        sys.settrace(before)
    return left < 0  # where it came as a generator was thrown away, Python does not pass it on
