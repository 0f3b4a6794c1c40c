"""Keys of flags and decisions know the opening words ("The Lantern Act is amended—") that a sentence hangs on.

Where the text that was judged is still held, its decision moves to that one place, and the bill's texts wait for
`billwatch retag`, which brings back what it had withheld elsewhere. Where the text has changed since, the decision
stays as it was: it still holds for sentences that hang on nothing; others are asked again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from alembic import op
from tracker.desk.review import key_of_decision, key_of_flag, sentence_of, words_of
from tracker.model import Decision, Flag, MarkedText
from tracker.store.columns import from_json, to_json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sa.text("SELECT body.data FROM version JOIN body ON body.digest = version.body "
                "WHERE version.bill_id = :bill AND version.code = :code")


def upgrade() -> None:
    bind = op.get_bind()
    for bill_id, code, text in _flagged_texts(bind):
        which = {"bill": bill_id, "code": code}
        rows = bind.execute(sa.text("SELECT position, data FROM flag WHERE bill_id = :bill AND version = :code"), which)
        for position, data in rows.all():
            bind.execute(sa.text("UPDATE flag SET key = :key WHERE bill_id = :bill AND version = :code "
                                 "AND position = :position"),
                         {**which, "position": position, "key": key_of_flag(bill_id, from_json(data, Flag), text)})
    for seq, data in bind.execute(sa.text("SELECT seq, data FROM decision ORDER BY seq")).all():
        _move(bind, seq, from_json(data, Decision))


def downgrade() -> None:
    """No column was added. Code of 0004 finds its own keys after `billwatch retag --all`."""


def _move(bind: sa.Connection, seq: int, decision: Decision) -> None:
    flag = decision.flag
    text = _text(bind, decision.bill_id, decision.version)
    if text is None or text.text[flag.start:flag.end] != flag.quote or sentence_of(text, flag) != decision.words:
        return
    words = words_of(text, flag)
    if words == decision.words:
        return
    moved = replace(decision, words=words)
    bind.execute(sa.text("UPDATE decision SET key = :key, data = :data WHERE seq = :seq"),
                 {"key": key_of_decision(moved), "data": to_json(moved), "seq": seq})
    bind.execute(sa.text("UPDATE version SET tagged_by = NULL WHERE bill_id = :bill"), {"bill": decision.bill_id})


def _flagged_texts(bind: sa.Connection) -> Iterator[tuple[str, str, MarkedText]]:
    names = bind.execute(sa.text("SELECT DISTINCT bill_id, version FROM flag ORDER BY bill_id, version")).all()
    for bill_id, code in names:
        if (text := _text(bind, bill_id, code)) is not None:
            yield bill_id, code, text


def _text(bind: sa.Connection, bill_id: str, code: str) -> MarkedText | None:
    body = bind.scalar(_TEXT, {"bill": bill_id, "code": code})
    return from_json(zlib.decompress(body), MarkedText) if body is not None else None
