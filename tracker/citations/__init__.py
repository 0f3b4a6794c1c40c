"""Statute citations as bills write them to normal forms, and amending prose to what it changes."""

from tracker.citations.acts import owners
from tracker.citations.deeds import Instruction
from tracker.citations.grammar import citations, parse
from tracker.citations.instructions import instructions
from tracker.citations.normal import Citation, reaches, within

__all__ = ["Citation", "Instruction", "citations", "instructions", "owners", "parse", "reaches", "within"]
