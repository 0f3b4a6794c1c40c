"""What came back, and what it means."""

from __future__ import annotations

import pytest
from fakes.returns import complaint, holiday, qmail, status_report
from hypothesis import given
from hypothesis import strategies as st

from digests.delivery.bounces import Report, kind_of, read_report
from tracker.post import ReturnKind

HARD, SOFT, COMPLAINT = ReturnKind

ME = "bounces+x@watch.example.org"


@pytest.mark.parametrize(("status", "kind"), [
    ("5.1.1", HARD), ("5.1.2", HARD), ("5.1.3", HARD), ("5.1.6", HARD), ("5.1.10", HARD), ("5.2.1", HARD),
    ("5.4.1", HARD), ("5.4.4", HARD), ("5.0.0", HARD), ("5.1.8", SOFT), ("5.1.7", SOFT), ("5.2.2", SOFT),
    ("5.2.3", SOFT), ("5.3.0", SOFT), ("5.6.1", SOFT), ("5.7.1", SOFT), ("5.7.26", SOFT), ("4.4.1", SOFT),
    ("4.2.2", SOFT), ("4.4.7", SOFT)])
def test_the_code_decides_whether_a_mailbox_is_gone_or_only_did_not_take_this(status: str, kind: ReturnKind) -> None:
    assert read_report(status_report(ME, status)) == Report(kind, status)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_did_not_fail_came_not_back(action: str) -> None:
    assert read_report(status_report(ME, "5.1.1", action)) is None


def test_a_vague_status_is_refined_by_the_words_of_the_server() -> None:
    assert read_report(status_report(ME, "5.0.0", diagnostic="552 5.2.2 mailbox full")) == Report(SOFT, "5.2.2")
    assert read_report(status_report(ME, "", diagnostic="550 5.1.1 unknown")) == Report(HARD, "5.1.1")
    assert read_report(status_report(ME, "")) == Report(HARD, "")


def test_of_several_recipients_the_gravest_counts() -> None:
    both = status_report(ME, "4.4.1").replace(b"--b\nContent-Type: text/rfc822", (
        b"\nFinal-Recipient: rfc822; other@example.net\nAction: failed\nStatus: 5.1.1\n\n"
        b"--b\nContent-Type: text/rfc822"))
    assert read_report(both) == Report(HARD, "5.1.1")


@pytest.mark.parametrize(("feedback", "meaning"), [
    ("abuse", Report(COMPLAINT)), ("Abuse ", Report(COMPLAINT)), ("fraud", Report(COMPLAINT)),
    ("opt-out", Report(COMPLAINT)), ("not-spam", None), ("auth-failure", None), ("", None)])
def test_a_complaint_is_a_wish_to_leave_and_other_feedback_is_not(feedback: str, meaning: Report | None) -> None:
    assert read_report(complaint(feedback)) == meaning


def test_older_forms_are_known_by_their_words() -> None:
    assert read_report(qmail(ME)) == Report(HARD)


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", holiday(ME), b"Subject: hello\n\nThe 550 bus leaves at 5.1.1.\n"])
def test_what_is_no_bounce_is_none(raw: bytes) -> None:
    assert read_report(raw) is None


@pytest.mark.parametrize(("enhanced", "code", "kind"), [
    ("5.1.1", 550, HARD), ("", 550, HARD), ("", 553, HARD), ("", 552, SOFT), ("", 554, SOFT), ("5.7.1", 550, SOFT),
    ("", 0, SOFT), ("5.2.2", 552, SOFT)])
def test_the_answer_to_a_recipient_is_read_by_the_same_table(enhanced: str, code: int, kind: ReturnKind) -> None:
    assert kind_of(enhanced, code) is kind


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_nothing_that_strangers_write_stops_us(head: bytes, body: bytes) -> None:
    for raw in (head + b"\n\n" + body, status_report(ME).replace(b"Status: 5.1.1", b"Status: " + body),
                complaint().replace(b"abuse\n", body + b"\n"),
                status_report(ME).replace(b"Content-Type: message/delivery-status", b"Content-Type: " + head)):
        assert read_report(raw) is None or read_report(raw)
