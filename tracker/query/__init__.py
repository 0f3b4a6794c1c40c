"""What a person types into a search box to a tree: said back in plain words, evaluated, or handed to a database."""

from tracker.query.folding import Token, fold, tokens, words
from tracker.query.matching import Material, anchors, matches
from tracker.query.parser import parse
from tracker.query.tree import QueryError, Tree
from tracker.query.wording import canonical, understood

__all__ = ["Material", "QueryError", "Token", "Tree", "anchors", "canonical", "fold", "matches", "parse", "tokens",
           "understood", "words"]
