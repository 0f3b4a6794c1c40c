"""What a change of the rules gains and loses, told apart from what only moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.model import Effect, Flag, Topic
from tracker.tagger.gains import Kind, Tally, differences

FLAG = Flag(Topic.CRIMINALIZATION, Effect.ADVANCES, "Sec. 2", 100, 120, "twenty characters ok", "a/b", "1", 0.7, "s")
FAR = replace(FLAG, provision="Sec. 9", start=900, end=920)


@pytest.mark.parametrize(("old", "new", "kinds"), [
    ((FLAG,), (FLAG,), []),
    ((FLAG,), (replace(FLAG, ruleset="2"),), []),
    ((), (FLAG,), [Kind.GAINED]),
    ((FLAG,), (), [Kind.LOST]),
    ((FLAG,), (FAR,), [Kind.LOST, Kind.GAINED]),
    ((FLAG,), (replace(FLAG, effect=Effect.REVERSES),), [Kind.EFFECT]),
    ((FLAG,), (replace(FLAG, effect=Effect.REVERSES, start=300, end=320),), [Kind.EFFECT]),
    ((FLAG,), (replace(FLAG, effect=Effect.REVERSES, start=300, end=320, provision="Sec. 3"),),
     [Kind.LOST, Kind.GAINED]),
    ((FLAG,), (replace(FLAG, start=110, end=140, provision="Sec. 2(a)"),), [Kind.SPAN]),
    ((FLAG,), (replace(FLAG, start=300, end=320, rule="a/c"),), [Kind.SPAN]),
    ((FLAG,), (replace(FLAG, rule="a/c"),), [Kind.RULE]),
    ((FLAG,), (replace(FLAG, score=0.9),), [Kind.RULE]),
    ((FLAG,), (replace(FLAG, topic=Topic.WORKER_RIGHTS),), [Kind.GAINED, Kind.LOST]),
    ((FLAG, FAR), (FAR,), [Kind.LOST]),
    ((FLAG, FLAG), (FLAG,), [Kind.LOST]),
    ((FLAG,), (replace(FLAG, start=110, end=140), replace(FLAG, rule="a/c")), [Kind.RULE, Kind.GAINED]),
])  # fmt: skip
def test_each_difference_has_one_name(old: tuple[Flag, ...], new: tuple[Flag, ...], kinds: list[Kind]) -> None:
    assert [d.kind for d in differences("t", old, new)] == kinds


def test_a_tally_counts_by_topic_and_rule_and_texts_with_news() -> None:
    tally = Tally()
    for old, new in (((FLAG,), ()), ((FLAG,), (replace(FLAG, rule="a/c"),)), ((), (FAR,))):
        tally.add(old, new, differences("t", old, new))
    assert (tally.texts, tally.changed, tally.old_flags, tally.new_flags) == (3, 2, 2, 2)
    assert dict(tally.topics["criminalization"]) == {Kind.LOST: 1, Kind.RULE: 1, Kind.GAINED: 1}
    assert dict(tally.rules["a/c"]) == {Kind.RULE: 1}
