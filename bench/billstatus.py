"""BILLSTATUS XML to a record, against the floor: lxml parsing the same bytes and nothing else."""

from __future__ import annotations

import gzip

from lxml import etree

from bench._table import cpu, shared_folder, show
from spiders.legislatures.us import parse_bill


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    folder = shared / "data/us-federal/billstatus"
    files = sorted(p for p in folder.rglob("*") if p.name.endswith((".xml", ".xml.gz")))
    bodies = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files]
    size = sum(map(len, bodies)) / 1e6
    crashes = 0
    for path, body in zip(files, bodies, strict=True):
        try:
            parse_bill(body, path.name)
        except Exception as problem:
            crashes += 1
            print(f"  {path.name}: {type(problem).__name__}: {problem}")
    floor = cpu(lambda: [etree.fromstring(body) for body in bodies])
    ours = cpu(lambda: [parse_bill(body, "bench") for body in bodies])
    show(("what", "MB/s of CPU", "times the floor"), [
        (f"lxml parse only ({len(files)} files, {size:.1f} MB)", f"{size / floor:.0f}", "1.0"),
        (f"to a record ({crashes} crashes)", f"{size / ours:.0f}", f"{ours / floor:.1f}"),
        ("unitedstates/congress, as published", "10", "raises on 29 of 73"),
    ])
