"""Texts to flags, against the floor (`bytes.count` of one word) and peers that only find 60 phrases."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import re2

from bench._replay import stored_texts, write_texts
from bench._table import ROOT, shared_folder, show
from tests.tracker.tagger.hostile import HOSTILE
from tracker.model import BillContext, MarkedText
from tracker.tagger import Ruleset, load_rules, tag
from tracker.tagger.patterns import options, shadow
from tracker.text import read

WORD = b"trafficking"
PHRASES = tuple("""
adult entertainment|age verification|anti-trafficking|brothel|brothels|child sex tourism|commercial sex
commercial sex act|commercial sexual activity|commercial sexual conduct|commercial sexual exploitation|compelled service
condoms as evidence|decriminalization of prostitution|disorderly house|end demand|escort service|exotic dancer
exotic dancers|facilitation of prostitution|forced prostitution|harmful to minors|house of ill fame|human trafficking
interactive computer service|involuntary servitude|legalization or practice of prostitution|loitering for prostitution
massage establishment|modern slavery|pandering|patronizing|pimping|promoting prostitution|promotion of prostitution
prostitute|prostituted persons|prostitutes|prostitution|section 1591|section 230|section 2421A
severe forms of trafficking|sex buyer|sex buyers|sex industry|sex trade|sex traffickers|sex trafficking|sex work
sex worker|sex workers|sexual services|sexually exploited
solicitation of prostitution|strip club|trafficked persons|trafficking in persons
trafficking victims|victims of trafficking
""".replace("\n", "|").strip("|").split("|"))
SAMPLE = {"re": 150, "spacy": 60}  # texts; the rest of the time is extrapolated by length, and said so
BILL = 3_000_000  # characters of one large bill
US = BillContext("us")
# spaCy is no dependency: BENCH_SPACY names the python of an environment that has it.
SPACY = """
import json, sys, time, spacy
from spacy.matcher import PhraseMatcher
phrases, *texts = map(json.loads, sys.stdin)
nlp = spacy.blank("en"); nlp.max_length = 10**8
matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
matcher.add("topic", [nlp.make_doc(p) for p in phrases])
start = time.process_time()
for text in texts:
    matcher(nlp.make_doc(text))
print(time.process_time() - start)
"""


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    rules = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        texts, refused = write_texts(shared, path)
        _whole_congress(path, texts, refused, rules)
        _single_texts(path, rules)


def _whole_congress(path: Path, texts: int, refused: int, rules: Ruleset) -> None:
    """All texts, one after the other; only the named work is on the clock."""
    phrases = _phrase_set()
    spent = dict.fromkeys(("count", "re2", "gate", "tag"), 0.0)
    size = passed = flags = flagged = 0
    clock = time.process_time

    def add(name: str, begun: float) -> None:
        spent[name] += clock() - begun

    for text in stored_texts(path):
        raw = text.text.encode("utf-8", "replace")
        size += len(raw)
        begun = clock()
        raw.count(WORD)
        add("count", begun)
        begun = clock()
        phrases.Match(raw)
        add("re2", begun)
        begun = clock()
        passed += rules.gate.search(shadow(text.text)) is not None
        add("gate", begun)
        begun = clock()
        found = tag(text, US, rules)
        add("tag", begun)
        flags += len(found)
        flagged += bool(found)
    samples = {name: _sample(path, texts, many) for name, many in SAMPLE.items()}
    stdlib, spacy = _stdlib(samples["re"]), _spacy(samples["spacy"])
    before, peak = _memory(path)

    def row(what: str, seconds: float, note: str = "") -> tuple[object, ...]:
        return what, f"{seconds:.2f}", f"{size / 1e6 / seconds:.0f}", f"{seconds / spent['count']:.1f}", note

    def guessed(sampled: float, name: str) -> tuple[float, str]:
        part = sum(len(t.encode("utf-8", "replace")) for t in samples[name])
        return sampled * size / part, f"extrapolated from {SAMPLE[name]} texts, {part / 1e6:.1f} MB"

    rows = [
        row("bytes.count of one word", spent["count"], f"the limit; {texts} texts, {size / 1e6:.0f} MB"),
        row(f"google-re2, a set of {len(PHRASES)} phrases", spent["re2"], "finds, and understands nothing"),
        row("our gate alone, decoded words to bytes included", spent["gate"], f"{passed} texts pass "
            f"({100 * passed / texts:.1f} %)"),
        row("tag(): texts to flags", spent["tag"], f"{flags} flags in {flagged} texts; {refused} texts not readable"),
        row(f"re, the same {len(PHRASES)} phrases", *guessed(stdlib, "re")),
    ]
    if spacy is not None:
        rows.append(row(f"spaCy, the same {len(PHRASES)} phrases", *guessed(spacy, "spacy")))
    show(("all texts of the 119th Congress", "CPU s", "MB/s", "times the limit", "note"), rows)
    if spacy is None:
        print("spaCy: not measured here (BENCH_SPACY names the python of an environment that has it)")
    print(f"memory of a process that reads text after text and tags each: {before:.0f} MB before the first, "
          f"{peak:.0f} MB at most\n")


def _single_texts(path: Path, rules: Ruleset) -> None:
    """One bill of 3 MB, and texts of 1 MB that no one writes."""
    passing = (t.text for t in stored_texts(path) if rules.gate.search(shadow(t.text)) is not None)
    worst = _joined(passing)
    ordinary = _joined(t.text for t in stored_texts(path))
    bills = {"one bill of 3 MB of real words": ordinary, "one of such words alone as pass the gate": worst}
    rows = []
    for name, make in [*((name, lambda text=text: text) for name, text in bills.items()),
                       *((name, lambda make=make: make(1_000_000)) for name, make in HOSTILE.items())]:
        text = make()
        begun = time.process_time()
        found = tag(text, US, rules)
        seconds = time.process_time() - begun
        rows.append((name, f"{len(text.text) / 1e6:.1f}", len(text.provisions), len(text.marks), f"{seconds:.2f}",
                     len(found)))  # fmt: skip
    show(("one text", "MB", "provisions", "marks", "CPU s of tag()", "flags"), rows)


def _joined(texts: Iterable[str]) -> MarkedText:
    parts, size = [], 0
    for text in texts:
        parts.append(text)
        size += len(text) + 1
        if size >= BILL:
            break
    return read("\n".join(parts)[:BILL].encode("utf-8", "replace"), "text/plain")


def _phrase_set() -> Any:
    found = re2.Set.SearchSet(options())
    for phrase in PHRASES:
        found.Add(phrase.encode())
    found.Compile()
    return found


def _sample(path: Path, texts: int, many: int) -> list[str]:
    chosen = set(random.Random(119).sample(range(texts), min(many, texts)))
    return [text.text for n, text in enumerate(stored_texts(path)) if n in chosen]


def _stdlib(sample: list[str]) -> float:
    pattern = re.compile("|".join(map(re.escape, PHRASES)), re.I)
    begun = time.process_time()
    for text in sample:
        sum(1 for _ in pattern.finditer(text))
    return time.process_time() - begun


def _spacy(sample: list[str]) -> float | None:
    python = os.environ.get("BENCH_SPACY")
    if not python:
        return None
    lines = "".join(json.dumps(line) + "\n" for line in (PHRASES, *sample))
    done = subprocess.run([python, "-c", SPACY], input=lines, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _memory(path: Path) -> tuple[float, float]:
    """MB of resident memory in a process of its own: with rules loaded, and at its peak."""
    code = f"from pathlib import Path; from bench.tagger import stream; stream(Path({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, peak = done.stdout.split()
    return int(before) / 1024, int(peak) / 1024


def stream(path: Path) -> None:
    """What `_memory` runs: kB before the first text, kB at the peak."""
    rules = load_rules()
    print(_peak())
    for text in stored_texts(path):
        tag(text, US, rules)
    print(_peak())


def _peak() -> int:
    """Peak resident kB of this process image; `ru_maxrss` would count what the parent held when it forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(re.findall(r"VmHWM:\s*(\d+)", status.read_text())[0])
