"""kill -9 in the middle of sending, against a server that says 4xx at random: none lost, none doubled."""

from __future__ import annotations

import pytest

from bench._kill import run


@pytest.mark.slow
def test_a_sender_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() -> None:
    """Killed right after the server took a message, which is the worst moment, it may offer that one once more, under
    the same Message-ID: at most one a kill and connection."""
    done = run(150, bills=2, refuse=0.2, connections=2, every=None, every_messages=30)
    assert (done.due, done.lost, done.strangers, done.doubled, done.agree) == (150, 0, 0, 0, True)
    assert done.kills >= 3
    assert done.offered_again <= 2 * done.kills
