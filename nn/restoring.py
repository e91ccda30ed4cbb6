"""Calls during which attributes of several objects may change, and after which they are what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["call_and_restore"]

T = TypeVar("T")


def call_and_restore(objects: Iterable[object], attributes: tuple[str, ...], call: Callable[[], T]) -> T:
    """The result of a call, after which each object's attributes have their old values again."""
    before = [(x, name, getattr(x, name)) for x in objects for name in attributes]

    def restore() -> None:
        for x, name, value in before:
            if getattr(x, name) is not value:
                setattr(x, name, value)

    try:
        try:
            return call()
        finally:
            restore()
    finally:
        restore()  # An interrupt may have cut the first one short.
