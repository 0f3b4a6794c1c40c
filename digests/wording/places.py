"""A legislature's own name to what the reader's language calls it."""

from __future__ import annotations

from digests.speech import ENGLISH, N_, Speech

# Those that some language of ours writes in another way; the rest stay as their legislature's file has them.
NAMES = frozenset((
    N_("United States Congress"), N_("United Kingdom"), N_("Ireland"), N_("Canada"), N_("District of Columbia"),
    N_("Hawaii"), N_("Louisiana"), N_("Michigan"), N_("Mississippi"), N_("Missouri"), N_("New Hampshire"),
    N_("New Jersey"), N_("New Mexico"), N_("New York"), N_("North Carolina"), N_("North Dakota"), N_("Oregon"),
    N_("Pennsylvania"), N_("South Carolina"), N_("South Dakota"), N_("West Virginia")))


def place_name(name: str, speech: Speech = ENGLISH) -> str:
    """``"New York"`` -> ``"Nueva York"``"""
    return speech._(name) if name in NAMES else name
