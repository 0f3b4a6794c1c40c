"""Checks this bundle. Unpack it, then: python3 verify.py (3.8 or newer, nothing else). Exit status 1: a fault."""
import hashlib
import json
import pathlib
import sys
import zlib

here, faults = pathlib.Path(__file__).resolve().parent, []
stated = (here / "MANIFEST.json").read_bytes()
manifest = json.loads(stated)
listed = {f["path"]: f["sha256"] for f in manifest["files"]}
there = {p.relative_to(here).as_posix() for p in here.rglob("*") if p.is_file()} - {"MANIFEST.json"}
faults += [f"listed but missing: {p}" for p in sorted(listed.keys() - there)]
faults += [f"not listed: {p}" for p in sorted(there - listed.keys())]
faults += [f"changed: {p}" for p in sorted(there & listed.keys())
           if hashlib.sha256((here / p).read_bytes()).hexdigest() != listed[p]]
for page in manifest["pages"]:  # the page, as it lies in the recorded exchange with the site
    head, _, block = zlib.decompress((here / page["exchange"]).read_bytes(), 47).partition(b"\r\n\r\n")
    about = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    http, _, body = (b"" if about["WARC-Type"] == "response" else b"\r\n\r\n").join((b"", block)).partition(b"\r\n\r\n")
    body = body[:int(about["Content-Length"]) - len(http) - (4 if http else 0)]
    plain = zlib.decompress(body, 47) if b"content-encoding: gzip" in http.lower() else body
    if (about["WARC-Target-URI"], about["WARC-Date"]) != (page["recorded_as"], page["recorded_at"]) or plain != (
            here / page["path"]).read_bytes():
        faults.append(f"the exchange holds another page: {page['path']}")
for flag in manifest["flags"]:  # every quote stands in the text, at its place
    if (here / flag["text"]).read_bytes().decode()[flag["start"]:flag["end"]] != flag["quote"]:
        faults.append(f"the quote is not in the text: {flag['text']} {flag['start']}")
print("\n".join(faults) or f"{len(listed)} files are as listed; the manifest is {hashlib.sha256(stated).hexdigest()}")
sys.exit(bool(faults))
