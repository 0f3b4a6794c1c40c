"""Requests for feeds to the documents that digests renders, and a directory of them."""

from __future__ import annotations

from dataclasses import dataclass
from litestar import Response, get
from litestar.exceptions import NotFoundException

from digests.feeds import FeedSpec, render_feed
from tracker.model import Topic
from tracker.web.press import Press, PressDep
from tracker.web.wording import jurisdiction_name, topic_name
