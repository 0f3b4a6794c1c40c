"""A ruleset to the name of the tagger that it makes: rule files and code. Another stamp may give other flags."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tracker.tagger.rules import Ruleset

# Modules that tell about flags and decide none.
TELLERS = ("calibration.py", "check.py", "explain.py", "gains.py", "reference.py", "spoken.py", "stamp.py", "units.py")


def stamp(rules: Ruleset) -> str:
    """"<version of the rule files>.<digest of the code>": equal stamps, equal flags for equal texts."""
    return f"{rules.version}.{_CODE}"


def _code() -> str:
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=4)
    for folder in (here, here.parent / "citations"):
        for path in sorted(folder.glob("*.py")):
            if folder != here or path.name not in TELLERS:
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


_CODE = _code()  # at import: an upgrade on disk is not yet what this process runs
