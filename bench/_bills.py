"""Many bills for benches: synthetic ones by a seed, and, where the shared documents are, real ones."""

from __future__ import annotations

import json
import lzma
import random
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path

from tracker.citations.codes import STATES as CODES
from tracker.errors import TextError
from tracker.events import Desk, day
from tracker.ids import bill_id
from tracker.model import (
    Action,
    Bill,
    Change,
    Effect,
    EventKind,
    Finding,
    Flag,
    IngestMode,
    MarkedText,
    ReadText,
    Sponsorship,
    TextStatus,
    Topic,
    Version,
)
from tracker.stage import STAGES, stage_of
from tracker.store.store import SqlStore
from tracker.text import read
from tracker.text.provisions import segment

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = "2026-12-31"
MEDIA = {".html": "text/html", ".htm": "text/html", ".xml": "text/xml", ".txt": "text/plain"}
STATES = tuple(dict.fromkeys(code.place.removeprefix("us-") for code in CODES))

# The commonest words of legal English in their order; the rest of the vocabulary is made up.
FUNCTION = """
    the of or to and in a shall section be for by that this any as is under with on act such not state an may at
    person from which code subsection department amended provided pursuant following means public all if other
    more than date has required paragraph each law agency been are subject services including board county
    secretary commission health year program it service property information court city school federal
"""
# (words, share of sections that have them)
PLANTED = (("prostitution", .0008), ("human trafficking", .0015), ("sex work", .00005), ("sex workers", .00004),
           ("massage therapy", .0004), ("interactive computer service", .0003), ("47 U.S.C. 230", .00015),
           ("section 1591 of title 18, United States Code", .0002), ("RCW 9A.88.030", .00003), ("solicitation", .001),
           ("decriminalize", .0001), ("appropriated", .02), ("vacatur", .0001), ("22 U.S.C. 7102", .0003))  # fmt: skip
SYLLABLES = [c + v + e for c in "bcdfglmnprstv" for v in "aeiou" for e in ("", "n", "r", "s", "l")]


class Synthetic:
    """Word frequencies fall as in English (Zipf-Mandelbrot); lengths are log-normal; two of five bills have more
    versions, which share most sections. `longest`: sections a version, at most."""

    def __init__(self, seed: int = 119, vocabulary: int = 80_000, sections: int = 120_000, longest: int = 80) -> None:
        self.dice = random.Random(seed)
        self.longest = longest
        self.words = FUNCTION.split()
        made = set(self.words)
        while len(self.words) < vocabulary:
            word = "".join(self.dice.choices(SYLLABLES, k=self.dice.choice((2, 2, 3, 3, 4))))
            if word not in made:
                made.add(word)
                self.words.append(word)
        self.weights = list(accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(vocabulary)))
        self.names = [f"{w.title()}, {v.title()}"
                      for w, v in zip(self.words[3000:6000], self.words[9000:12000], strict=True)]
        self.sections = [self._section() for _ in range(sections)]

    def _section(self) -> str:
        length = max(12, int(self.dice.lognormvariate(4.4, .6)))
        said = self.dice.choices(self.words, cum_weights=self.weights, k=length)
        for words, share in PLANTED:
            if self.dice.random() < share:
                said.insert(self.dice.randrange(len(said)), words)
        return " ".join(said).capitalize() + "."

    def changes(self, bills: int) -> Iterator[Change]:
        for number in range(bills):
            yield self._change(number)

    def _change(self, number: int) -> Change:
        dice = self.dice
        place = "us" if number % 8 == 0 else f"us-{STATES[number % len(STATES)]}"
        introduced = date(2007, 1, 5) + timedelta(days=int(number / 300_000 * 6900) if number < 300_000 else 6900)
        session = str((introduced.year - 1789) // 2 + 1) if place == "us" else str(introduced.year // 2 * 2 + 1)
        title = " ".join(dice.choices(self.words, cum_weights=self.weights, k=12)).capitalize()
        held = [dice.choice(self.sections) for _ in range(max(2, min(self.longest, int(dice.lognormvariate(2.0, .8)))))]
        codes = ("ih", "rh", "enr")[: dice.choices((1, 2, 3), (60, 30, 10))[0]]
        texts = []
        for code in codes:
            texts.append(_read(code, "\n".join(f"SEC. {n}. {s}" for n, s in enumerate(held, 1))))
            held = [s if dice.random() > .15 else dice.choice(self.sections) for s in held]
        flags = [(dice.choice(list(Topic)), dice.choice(list(Effect)))] if dice.random() < .02 else []
        bill = Bill(place, session, f"HB {number}", title=title, introduced_on=introduced,
                    sponsorships=tuple(Sponsorship(n, True) for n in dice.sample(self.names, dice.randint(1, 5))),
                    committees=(f"Committee on {dice.choice(self.words[500:560]).title()}",),
                    actions=(Action("Referred to committee", introduced + timedelta(days=dice.randint(0, 300))),),
                    versions=tuple(Version(c, c) for c in codes))
        return change(bill, texts, dice.choices([key for key, _ in STAGES][:8], (40, 40, 6, 5, 3, 2, 1, 3))[0], flags)


def _read(code: str, text: str) -> ReadText:
    return ReadText(code, TextStatus.AVAILABLE, f"https://law.example/{code}", "text/plain", "00" * 32,
                    MarkedText(text, (), segment(text)), tagged_by="bench")


def change(bill: Bill, texts: Iterable[ReadText], stage: str, flags: Iterable[tuple[Topic, Effect]] = ()) -> Change:
    identity = bill_id(bill.jurisdiction, bill.session, bill.identifier)
    made = list(texts)
    if made and made[-1].text is not None:
        words = made[-1].text.text[:40]
        path = made[-1].text.provisions[0].path if made[-1].text.provisions else "text"
        made[-1] = ReadText(made[-1].version, made[-1].status, made[-1].url, made[-1].media_type, made[-1].sha256,
                            made[-1].text, tuple(Flag(t, e, path, 0, len(words), words, "bench", "1", .9)
                                                 for t, e in flags), tagged_by="bench")
    topics = tuple(dict.fromkeys(t for t, _ in flags))
    desk = Desk(identity, bill, 1, topics, IngestMode.BACKFILL, tuple(Finding(t, e) for t, e in flags))
    event = desk.event(EventKind.BILL_INTRODUCED, "", bill.introduced_on, title=bill.title,
                       sponsors=[s.name for s in bill.sponsorships if s.primary], introduced_on=day(bill.introduced_on))
    return Change(identity, bill, "h", 0, stage, topics, tuple(made), (event,))


def load(store: SqlStore, changes: Iterable[Change], chunk: int = 500) -> tuple[int, int]:
    """(bills, characters of texts)."""
    bills = size = 0
    seen: set[str] = set()
    stream = iter(changes)
    while some := list(islice(stream, chunk)):
        with store.write() as writer:
            for one in some:
                if one.bill_id in seen:
                    continue
                seen.add(one.bill_id)
                writer.apply(one, NOW)
                bills += 1
                size += sum(len(t.text.text) for t in one.texts if t.text)
        if sys.stderr.isatty() or bills % 20_000 < chunk:
            print(f"  loaded {bills}", file=sys.stderr)
    return bills, size


# --- real ones --------------------------------------------------------------------------------------------------------


def real(shared: Path) -> Iterator[Change]:
    """The 119th Congress whole, bills of other Congresses with all their versions, and the states' documents."""
    yield from _congress(shared)
    yield from _corpora(shared / "data" / "corpus")
    yield from _states(shared / "data" / "us-states")


def _congress(shared: Path) -> Iterator[Change]:
    from spiders.legislatures.us import parse_bill

    sys.path.insert(0, str(shared / "replay"))
    import render  # type: ignore[import-not-found]
    from world import World  # type: ignore[import-not-found]

    world = World(bills="all")
    packages: dict[str, list[object]] = {}
    for package in world.packages.values():
        packages.setdefault(package.bill.id, []).append(package)
    dice = random.Random(1)
    for one in world.bills.values():
        bill = parse_bill(render.status_xml(one, AS_OF), f"https://www.govinfo.gov/bulkdata/{one.id}.xml")
        links = {link.url: v.code for v in bill.versions for link in v.links}
        texts = []
        for package in packages.get(one.id, ()):
            code = next((c for url, c in links.items() if f"/{package.name}." in url), None)  # type: ignore[attr-defined]
            if code is not None:
                marked = read(render.bill_xml(world, package), "text/xml", "us")
                texts.append(ReadText(code, TextStatus.AVAILABLE, "https://law.example/", "text/xml", "00" * 32, marked,
                                      tagged_by="bench"))
        flags = [(dice.choice(list(Topic)), dice.choice(list(Effect)))] if dice.random() < .02 and texts else []
        yield change(bill, texts, stage_of(bill), flags)


def _corpora(folder: Path) -> Iterator[Change]:
    for name in ("us-on-topic-all-versions", "us-negatives-3000"):
        with lzma.open(folder / f"{name}.jsonl.xz", "rt") as lines:
            for line in lines:
                row = json.loads(line)
                versions = row.get("versions") or [{"code": "ih", "text": row.get("text")}]
                texts = {str(v["code"]): _read(str(v["code"]), v["text"]) for v in versions if v.get("text")}
                bill = Bill("us", str(row["congress"]), str(row["bill"]), title=row.get("title"),
                            versions=tuple(Version(code, code) for code in texts))
                yield change(bill, texts.values(), "introduced")


def _states(folder: Path) -> Iterator[Change]:
    number = 0
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).parts[0]
        if place not in STATES or path.suffix.lower() not in MEDIA or path.stat().st_size > 2_000_000:
            continue
        try:
            marked = read(path.read_bytes(), MEDIA[path.suffix.lower()], f"us-{place}")
        except TextError:
            continue
        number += 1
        text = ReadText("a", TextStatus.AVAILABLE, "https://law.example/", MEDIA[path.suffix.lower()], "00" * 32,
                        marked, tagged_by="bench")
        bill = Bill(f"us-{place}", "2025", f"HB {number}", title=path.stem, versions=(Version("a", "a"),))
        yield change(bill, [text], "introduced")
