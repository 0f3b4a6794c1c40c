"""Files of spiders/legislatures to legislatures: found by their names, opened one at a time, held to their facts.

More folders of such files may be named in BILLWATCH_LEGISLATURES (a path, or several as in PATH).
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import spiders.legislatures as folder
import spiders.platforms as platforms
from tracker.errors import ConfigError

FACTS = ("name", "title", "site", "zone", "terms", "robots", "format", "proven", "floor", "cadence")
PROOFS = ("our own pages", "recordings", "live")  # what a reader of this source was held against, weakest first


def names() -> tuple[str, ...]:
    """The id of every legislature."""
    return tuple(sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(folder.__path__)))


def find(source: str) -> Any:
    """The one class in a legislature's file; nobody else's file is opened, so a broken one stops only itself.

    Raises ConfigError: unknown name, a file that cannot be loaded, a fact that is missing.
    """
    from spiders.contract import LegislatureSpider

    if source not in names():
        raise ConfigError(f"unknown source {source!r}; known: {', '.join(names())}")
    file = source.replace("-", "_")
    try:
        module: ModuleType = importlib.import_module(f"spiders.legislatures.{file}")
    except Exception as problem:
        raise ConfigError(f"{file}.py cannot be loaded: {type(problem).__name__}: {problem}") from problem
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, LegislatureSpider)
               and c.__module__ == module.__name__]
    if len(classes) != 1:
        raise ConfigError(f"{file}.py: expected one LegislatureSpider, got {len(classes)}")
    return checked(classes[0], file)


def discover() -> dict[str, Any]:
    """Every legislature by its id. Raises ConfigError on a bad file."""
    return {name: find(name) for name in names()}


@lru_cache(maxsize=256)
def facts(source: str) -> Mapping[str, Any]:
    """The literal facts that a legislature's file states in its class, or its platform for all of its legislatures ({}
    for an unknown source or a torn file).

    Read without running the file: pages and the clock want a title and a cadence, not Scrapy.
    """
    tree = _tree(source)
    own = [pair for node in tree.body if isinstance(node, ast.ClassDef) for pair in _literals(node)]
    if platform := platform_of(source):
        shared = ast.parse((Path(platforms.__path__[0]) / f"{platform}.py").read_bytes())
        own[:0] = [pair for node in shared.body if isinstance(node, ast.ClassDef) for pair in _literals(node)]
    return dict(own)


@lru_cache(maxsize=256)
def platform_of(source: str) -> str:
    """The module of spiders/platforms whose class a legislature's class stands on ("legiscan"); "" for none."""
    tree = _tree(source)
    bases = {base.id for node in tree.body if isinstance(node, ast.ClassDef) for base in node.bases
             if isinstance(base, ast.Name)}
    return next((str(node.module).rpartition(".")[2] for node in tree.body if isinstance(node, ast.ImportFrom)
                 and str(node.module).startswith("spiders.platforms.") and bases & {n.name for n in node.names}), "")


def thin(platform: str) -> tuple[str, ...]:
    """Every legislature that a platform reads, by id."""
    return tuple(name for name in names() if platform_of(name) == platform)


def _tree(source: str) -> ast.Module:
    file = source.replace("-", "_") + ".py"
    path = next((Path(p) / file for p in folder.__path__ if (Path(p) / file).is_file()), None)
    try:
        return ast.parse(path.read_bytes()) if path and source == source.lower() else ast.Module([], [])
    except (SyntaxError, ValueError, OSError):
        return ast.Module([], [])


def _literals(node: ast.ClassDef) -> list[tuple[str, Any]]:
    found = []
    for line in node.body:
        target = line.target if isinstance(line, ast.AnnAssign) else (
            line.targets[0] if isinstance(line, ast.Assign) else None)
        value = line.value if isinstance(line, ast.Assign | ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id in FACTS and value is not None:
            try:
                found.append((target.id, ast.literal_eval(value)))
            except ValueError:
                continue  # not a literal: whoever wants it opens the file
    return found


def checked(spider: Any, module: str) -> Any:
    """The class itself. Raises ConfigError that names the fact which is missing or wrong."""
    for fact in FACTS:
        if not getattr(spider, fact, None):
            raise ConfigError(f"{module}.py: {spider.__name__} does not state its {fact}")
    if bad := next((s for s in (spider.site, *spider.hosts) if s.endswith("/") or "://" not in s), None):
        raise ConfigError(f"{module}.py: expected a site like https://host without a slash at its end, got {bad!r}")
    if spider.proven not in PROOFS:
        raise ConfigError(f"{module}.py: proven must be one of {', '.join(PROOFS)}, got {spider.proven!r}")
    if set(spider.cadence) != {"session", "recess"} or not all(m >= 10 for m in spider.cadence.values()):
        raise ConfigError(f'{module}.py: expected cadence {{"session": minutes, "recess": minutes}} of 10 or more')
    try:
        ZoneInfo(spider.zone)
    except (ValueError, ZoneInfoNotFoundError):
        raise ConfigError(f"{module}.py: expected an IANA time zone, got {spider.zone!r}") from None
    if spider.name != module.replace("_", "-"):
        raise ConfigError(f"{module}.py: expected name {module.replace('_', '-')!r}, got {spider.name!r}")
    return spider
