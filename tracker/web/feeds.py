"""Requests for feeds to the documents that digests renders, and a directory of them."""

from __future__ import annotations

HANDLERS = ()
