"""A fictional bill in three versions: the substitute renumbers, moves, adds, drops and strikes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.tracker.web.sample import NOW, sample
from tracker.model import (
    Change,
    Effect,
    Flag,
    Link,
    Mark,
    MarkedText,
    MarkKind,
    ReadText,
    TextStatus,
    Topic,
    Version,
)
from tracker.store.store import SqlStore
from tracker.text import read

REVISED = "xx/7/hb-20"
REMARKED = "xx/7/hb-21"
LOITERING = "Whoever loiters in a street of Examplia for the purpose of prostitution shall pay a fine"
HOSTS = "A host is liable for every advertisement for sexual services that it publishes"

_HEAD = "A BILL\n\nTo tidy the streets of Examplia.\n\n"
_TITLE = "This Act may be cited as the Tidy <b>Streets</b> & Lamps Act.\n\n"
_LAMPS = ("In this Act a lantern is a lamp that a person carries in the street after dusk, and a warden is a person "
          "whom the Council of Examplia appoints to keep the lamps and to lend them to those who have none.\n\n")
_LONG = " ".join(f"The warden of ward {n} shall light the lamp at door {n} at dusk." for n in range(1, 30)) + "\n\n"
_REPEAL = "Section 9 of the Lamp Code is amended by striking \"every lamp shall be green\" and inserting \"{}\".\n\n"

BEFORE = (_HEAD + "SECTION 1. SHORT TITLE.\n\n" + _TITLE + "SEC. 2. DEFINITIONS.\n\n" + _LAMPS + "SEC. 3. "
          "LOITERING.\n\n" + LOITERING + " of ten crowns.\n\nSEC. 4. WARDS.\n\n" + _LONG + "SEC. 5. COLOURS.\n\n"
          + _REPEAL.format("lamps may be blue"))
AFTER = (_HEAD + "SECTION 1. SHORT TITLE.\n\n" + _TITLE + "SEC. 2. HOSTS.\n\n" + HOSTS + ".\n\nSEC. 3. WARDS.\n\n"
         + _LONG.replace("lamp at door 15", "lantern at door 15") + "SEC. 4. DEFINITIONS.\n\n" + _LAMPS
         + "SEC. 5. COLOURS.\n\n" + _REPEAL.format("lamps may be any colour <script>alert(2)</script>"))


def marked(text: str) -> MarkedText:
    return read(text.encode(), "text/plain", "us")


def flag(text: MarkedText, words: str, topic: Topic, effect: Effect) -> Flag:
    start = text.text.index(words)
    provision = next(p.path for p in reversed(text.provisions) if p.start <= start < p.end)
    return Flag(topic, effect, provision, start, start + len(words), words, "rule-1", "2031.1", 0.9)


def add_revised(store: SqlStore) -> None:
    """Versions ih, rh (not read yet) and eh."""
    base = "https://legislature.example/7/hb20"
    links = {code: (Link(f"{base}/{code}.txt", "text/plain"),) for code in ("ih", "rh", "eh")}
    bill = replace(sample(20, "Tidy Streets Act"), versions=(
        Version("ih", "Introduced in House", None, links["ih"]), Version("rh", "Reported in House", None, links["rh"]),
        Version("eh", "Substitute <i>as passed</i>", None, links["eh"])))
    one, two = marked(BEFORE), marked(AFTER)
    texts = (
        ReadText("ih", TextStatus.AVAILABLE, links["ih"][0].url, "text/plain", "a" * 64, one,
                 (flag(one, LOITERING, Topic.CRIMINALIZATION, Effect.ADVANCES),)),
        ReadText("rh", TextStatus.PENDING, links["rh"][0].url, "text/plain", error="404"),
        ReadText("eh", TextStatus.AVAILABLE, links["eh"][0].url, "text/plain", "b" * 64, two,
                 (flag(two, HOSTS, Topic.PLATFORM_LIABILITY, Effect.ADVANCES),)))
    with store.write() as writer:
        writer.apply(Change(REVISED, bill, "hash-revised", 0, "in-committee", (Topic.PLATFORM_LIABILITY,), texts),
                     NOW - timedelta(hours=1))


def add_remarked(store: SqlStore) -> None:
    """Two versions with equal words; the later strikes some of them from the law."""
    base = "https://legislature.example/7/hb21"
    links = {code: (Link(f"{base}/{code}.xml", "text/xml"),) for code in ("ih", "eh")}
    bill = replace(sample(21, "Lamps Act"), versions=(Version("ih", "Introduced in House", None, links["ih"]),
                                                      Version("eh", "As passed", None, links["eh"])))
    words = "In every ward every warden shall carry a lamp of the council."
    start = words.index("every warden")
    struck = (Mark(MarkKind.STRUCK, start, start + 32),)
    texts = tuple(ReadText(code, TextStatus.AVAILABLE, links[code][0].url, "text/xml", letter * 64,
                           MarkedText(words, marks))
                  for code, letter, marks in (("ih", "a", ()), ("eh", "b", struck)))
    with store.write() as writer:
        writer.apply(Change(REMARKED, bill, "hash-remarked", 0, "in-committee", (), texts), NOW)
