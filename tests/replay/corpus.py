"""The replay's texts as one corpus that rules can be tried on: a line for each published text.

    python tests/replay/corpus.py 119th-congress.jsonl.xz
    billwatch rules reference --corpus 119th-congress.jsonl.xz

Needs the shared folder with the replay server. The file holds real texts: it stays out of the repository.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from walk import load_world, shared_folder

LAST_DAY = "2026-12-31"  # after all that the replay knows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--bills", default="all", help="as the replay server takes it: all, on-topic, N")
    args = parser.parse_args()
    shared = shared_folder()
    if shared is None:
        raise SystemExit("the shared folder with the replay server is not here")
    _, world = load_world(shared, args.bills)
    import render  # type: ignore[import-not-found]

    with lzma.open(args.target, "wt", preset=1, encoding="utf-8") as out:
        for package in world.packages.values():
            title = package.bill.view(LAST_DAY)["title"]
            body = render.bill_xml(world, package).decode()
            out.write(json.dumps({"id": package.name, "jurisdiction": "us", "title": title, "media_type": "text/xml",
                                  "body": body}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
