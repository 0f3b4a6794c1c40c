"""What is stored of a filter."""

from __future__ import annotations

import pytest

from tracker.model import Effect, Filter, Topic
from tracker.wishes import read, written

ALL = Filter((Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION), ("yy", "xx"), ("xx/31/hb-7",), ("criminalization/buying",),
             (Effect.REVERSES,), ("Ada Lamp",), ("Committee on Light",), ("became-law",), 'lantern "oil lamp"')


def test_equal_wishes_are_equal_however_they_were_chosen() -> None:
    turned = Filter((Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION), ("xx", "yy"))
    assert turned == Filter(ALL.topics, ALL.jurisdictions)
    assert written(turned) == '{"topics":["criminalization","worker-rights"],"jurisdictions":["xx","yy"]}'


@pytest.mark.parametrize("wanted", [Filter(), ALL, Filter(words="§ 230"), Filter(stages=("vetoed",))])
def test_a_filter_comes_back_as_it_was_written(wanted: Filter) -> None:
    assert read(written(wanted)) == wanted
    assert written(read(written(wanted))) == written(wanted)


def test_only_what_was_chosen_is_written() -> None:
    assert written(Filter()) == "{}"


def test_what_an_older_billwatch_wrote_is_read() -> None:
    assert read('{"topics":["worker-rights"],"jurisdictions":[],"bills":["xx/1/a-1"]}') == Filter(
        (Topic.WORKER_RIGHTS,), (), ("xx/1/a-1",))


def test_a_torn_line_is_refused_and_not_taken_for_everything() -> None:
    with pytest.raises(ValueError, match="truncated"):
        read('{"topics":["worker-ri')
