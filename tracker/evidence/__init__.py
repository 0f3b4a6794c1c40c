"""One bill's pages, texts, flags and events to a ZIP that a third party can check alone."""

from tracker.evidence.bundle import Evidence, Exchange, PastState, write_bundle

__all__ = ["Evidence", "Exchange", "PastState", "write_bundle"]
