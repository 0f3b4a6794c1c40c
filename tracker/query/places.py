"""What people call a legislature to its code: names, and the letters that the post uses for states. Data only."""

from __future__ import annotations

import re

# Codes of countries that are legislatures of their own: "ca" is Canada, so it is never taken for California.
COUNTRIES = {"us": "congress", "ca": "canada", "gb": "united kingdom", "ie": "ireland"}
STATES = {
    "al": "alabama", "ak": "alaska", "az": "arizona", "ar": "arkansas", "ca": "california", "co": "colorado",
    "ct": "connecticut", "de": "delaware", "dc": "district of columbia", "fl": "florida", "ga": "georgia",
    "hi": "hawaii", "id": "idaho", "il": "illinois", "in": "indiana", "ia": "iowa", "ks": "kansas", "ky": "kentucky",
    "la": "louisiana", "me": "maine", "md": "maryland", "ma": "massachusetts", "mi": "michigan", "mn": "minnesota",
    "ms": "mississippi", "mo": "missouri", "mt": "montana", "ne": "nebraska", "nv": "nevada", "nh": "new hampshire",
    "nj": "new jersey", "nm": "new mexico", "ny": "new york", "nc": "north carolina", "nd": "north dakota",
    "oh": "ohio", "ok": "oklahoma", "or": "oregon", "pa": "pennsylvania", "pr": "puerto rico", "ri": "rhode island",
    "sc": "south carolina", "sd": "south dakota", "tn": "tennessee", "tx": "texas", "ut": "utah", "vt": "vermont",
    "va": "virginia", "wa": "washington", "wv": "west virginia", "wi": "wisconsin", "wy": "wyoming",
}  # fmt: skip
TERRITORIES = ("as", "gu", "mp", "vi")  # with legislatures; nobody writes them otherwise
CODES: dict[str, str] = {
    **{letters: f"us-{letters}" for letters in STATES if letters not in COUNTRIES},
    **{name: f"us-{letters}" for letters, name in STATES.items()}, **{name: code for code, name in COUNTRIES.items()},
    "uk": "gb", "united states": "us", "us congress": "us", "united states congress": "us", "britain": "gb",
}


_OWN = re.compile(r"aa|q[m-z]|x[a-z]|zz")  # what ISO 3166 leaves to everyone: legislatures that an operator adds


def is_no_state(code: str) -> bool:
    """Two letters like a state's, but none of theirs: us-uk. Longer ones (us-nyc) may be somebody's own."""
    state = code.removeprefix("us-")
    return state != code and len(state) == 2 and state.isalpha() and state not in (*STATES, *TERRITORIES) and \
        not _OWN.fullmatch(state)
