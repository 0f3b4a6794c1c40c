"""A filter to the one line of JSON that is stored of it, and back."""

from __future__ import annotations

from dataclasses import fields

from tracker import wire
from tracker.model import Filter


def written(wanted: Filter) -> str:
    """Equal filters give equal text: only what was chosen, each kind sorted, in the order of the fields."""
    chosen = {f.name: getattr(wanted, f.name) for f in fields(wanted)}
    return wire.encode({name: value for name, value in chosen.items() if value}).decode()


def read(stored: str) -> Filter:
    """Inverse of `written`; kinds that the text does not know are "any". Raises ValueError."""
    return wire.decode(stored, Filter)
