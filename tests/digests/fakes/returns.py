"""Mail that comes back, as mail servers and providers write it. Fictional, by the forms of RFC 3464 and RFC 5965."""

from __future__ import annotations


def status_report(to: str, status: str = "5.1.1", action: str = "failed", diagnostic: str = "", original: str = "",
                  recipients: int = 1) -> bytes:
    blocks = "".join(
        f"\nFinal-Recipient: rfc822; reader@example.net\nAction: {action}\nStatus: {status}\n"
        + (f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else "") for _ in range(recipients))
    return (f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nI am sorry.\n\n"
            f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n{blocks}\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nSubject: Your update\n{original}\n--b--\n").encode()


def complaint(feedback: str = "abuse", mail_from: str = "", original: str = "") -> bytes:
    sender = f"Original-Mail-From: <{mail_from}>\n" if mail_from else ""
    return ("From: feedback@provider.example\nTo: abuse@watch.example.org\nSubject: FW: Your update\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nThis is an abuse report.\n\n"
            f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nUser-Agent: x/1\nVersion: 1\n"
            f"{sender}\n--b\nContent-Type: message/rfc822\n\n"
            f"Subject: Your update\n{original}\n\nwords\n--b--\n").encode()


def holiday(to: str) -> bytes:
    return (f"From: reader@example.net\nTo: {to}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\n"
            "I am away until Monday.\n").encode()


def qmail(to: str) -> bytes:
    """An older form that only its words tell."""
    return (f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nSubject: failure notice\n\n"
            "Hi. This is the qmail-send program at mx.example.net.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<reader@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <x@example.org>\n").encode()
