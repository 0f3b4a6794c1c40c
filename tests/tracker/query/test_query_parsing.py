"""Typed queries to trees, to plain words, back to typed queries; errors that say what to write instead."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.speech import speech_of
from tracker.query import QueryError, canonical, parse, understood
from tracker.query.fields import FIELDS
from tracker.query.tree import Among, And, Cites, Flagged, Named, Not, Or, Tree, When, Words
from tracker.stage import OPEN_STAGES


def word(*said: str, prefix: bool = False) -> Words:
    return Words(said, prefix)


@pytest.mark.parametrize(("typed", "tree"), [
    ("lamp", word("lamp")),
    ("LAMP", word("lamp")),
    ("Lámp", word("lamp")),
    ("lamp harbor", And((word("lamp"), word("harbor")))),
    ("lamp AND harbor", And((word("lamp"), word("harbor")))),
    ("lamp and harbor", And((word("lamp"), word("and"), word("harbor")))),
    ("lamp OR harbor pier", Or((word("lamp"), And((word("harbor"), word("pier")))))),
    ("(lamp OR harbor) pier", And((Or((word("lamp"), word("harbor"))), word("pier")))),
    ("lamp -harbor", And((word("lamp"), Not(word("harbor"))))),
    ("lamp NOT harbor", And((word("lamp"), Not(word("harbor"))))),
    ("-(-lamp)", word("lamp")),
    ("lamp-post", word("lamp", "post")),
    ('"Lamp  posts"', word("lamp", "posts")),
    ("“lamp posts”", word("lamp", "posts")),
    ("«lamp posts»", word("lamp", "posts")),
    ("lamp*", word("lamp", prefix=True)),
    ('"street lamp*"', word("street", "lamp", prefix=True)),
    ('"street lamp"*', word("street", "lamp", prefix=True)),
    ("lamp & harbor", And((word("lamp"), word("harbor")))),
    ("§ 230", And((word("section"), word("230")))),
    ("§230", word("section", "230")),
    ("9A.88.030", word("9a", "88", "030")),
    ("jurisdiction:us-wa", Among("jurisdiction", ("us-wa",))),
    ("in:US-WA,us-or", Among("jurisdiction", ("us-or", "us-wa"))),
    ("jurisdiction:us-*", Among("jurisdiction", ("us-*",))),
    ("topic:platform-liability", Flagged(("platform-liability",))),
    ('topic:"Worker rights"', Flagged(("worker-rights",))),
    ("effect:reverses", Flagged((), ("reverses",))),
    ("topic:worker-rights lamp effect:reverses", And((Flagged(("worker-rights",), ("reverses",)), word("lamp")))),
    ("stage:became-law", Among("stage", ("became-law",))),
    ("stage:alive", Among("stage", OPEN_STAGES)),
    ("in:ca", Among("jurisdiction", ("ca",))),
    ('stage:"passed one chamber"', Among("stage", ("passed-one",))),
    ("session:2025-2026", Among("session", ("2025-2026",))),
    ("bill:HR1865", Among("bill", ("hr-1865",))),
    ('bill:"H.R. 1865"', Among("bill", ("hr-1865",))),
    ("bill:us/119/HR1865", Among("bill", ("us/119/hr-1865",))),
    ("introduced:2025", When("introduced", date(2025, 1, 1), date(2025, 12, 31))),
    ("introduced:>2025-01-01", When("introduced", date(2025, 1, 2), None)),
    ("introduced:>=2025-02", When("introduced", date(2025, 2, 1), None)),
    ("introduced:<2025-02", When("introduced", None, date(2025, 1, 31))),
    ("introduced:<=2025", When("introduced", None, date(2025, 12, 31))),
    ("action:2025-01..2025-03", When("action", date(2025, 1, 1), date(2025, 3, 31))),
    ("action:..2025-03", When("action", None, date(2025, 3, 31))),
    ("sponsor:O'Hara", Named("sponsor", ("o", "hara"))),
    ('committee:"public safety"', Named("committee", ("public", "safety"))),
    ('cite:"47 U.S.C. 230"', Cites("us/usc/47/230", "47 U.S.C. 230")),
    ("cite:us/usc/47/230", Cites("us/usc/47/230", "us/usc/47/230")),
    ("title:lamp*", Words(("lamp",), True, True)),
    ("law:47usc230", Cites("us/usc/47/230", "47 U.S.C. 230")),
    ('cite:"Section 230"', Cites("us/usc/47/230", "47 U.S.C. 230")),
    ('cite:"RCW 9A.88"', Cites("us-wa/rcw/ch-9A.88", "us-wa/rcw/ch-9A.88")),
    ('cite:"title 18, United States Code, section 1591"', Cites("us/usc/18/1591", "18 U.S.C. 1591")),
    ('cite:"Sexual Offences Act 2003, section 53A"', Cites("gb/soa2003/53A", "gb/soa2003/53A")),
    ('cite:"Mann Act"', Cites("us/act/mann1910", "Mann Act")),
    ('cite:"47 U.S.C. §§ 230, 231"',
     Or((Cites("us/usc/47/230", "47 U.S.C. 230"), Cites("us/usc/47/231", "47 U.S.C. 231")))),
    ('cite:"18 U.S.C. 1591-1592" lamp',
     And((Or((Cites("us/usc/18/1591", "18 U.S.C. 1591"), Cites("us/usc/18/1592", "18 U.S.C. 1592"))), word("lamp")))),
    ('cite:"Penal Code 647(b)" jurisdiction:us-ca',
     And((Cites("us-ca/pen/647/b", "us-ca/pen/647/b"), Among("jurisdiction", ("us-ca",))))),
    ("author:wagner", Named("sponsor", ("wagner",))),
    ("14:82", word("14", "82")),
])  # fmt: skip
def test_a_query_is_read_as_this_tree(typed: str, tree: Tree) -> None:
    assert parse(typed) == tree


@pytest.mark.parametrize(("typed", "says", "at", "suggestion"), [
    ("", "nothing to look for", 0, None),
    ("  … & ", "nothing to look for", 0, None),
    ('lamp "harbor', "never closed", 5, 'lamp "harbor"'),
    ("lamp (harbor", "never closed", 5, "lamp (harbor)"),
    ("lamp) harbor", "closes nothing", 4, "lamp harbor"),
    ("lamp AND", "must follow this AND", 5, "lamp"),
    ("OR lamp", "something must stand before", 0, "lamp"),
    ("lamp NOT", "must follow this NOT", 5, "lamp"),
    ("()", "must follow this parenthesis", 0, None),
    ("topc:worker-rights", "no field “topc”", 0, "topic:worker-rights"),
    ("juris:us-wa", "no field “juris”", 0, "jurisdiction:us-wa"),
    ("text:lamp", "no field “text”", 0, "lamp"),
    ("jurisdiction:us-uk", "no code of a legislature", 0, "jurisdiction:us-wa"),
    ("in:us-wa,oregon", "no code of a legislature", 0, "jurisdiction:us-wa,us-or"),
    ("lamp *post", "at the end of a word", 5, "lamp post"),
    ("str*t", "at the end of a word", 0, "str*"),
    ('cite:"18 U.S.C. 1591-1999"', "more than 20 laws", 0, 'cite:"47 U.S.C. 230"'),
    ("lamp http://x.example", "no field “http”", 5, 'lamp "http://x.example"'),
    ("topic:worker", "is no topic", 0, "topic:worker-rights"),
    ("effect:reverse", "is no effect", 0, "effect:reverses"),
    ("stage:law", "is no stage", 0, "stage:became-law"),
    ("jurisdiction:wa", "no code of a legislature", 0, "jurisdiction:us-wa"),
    ("in:ny prostitution", "no code of a legislature", 0, "jurisdiction:us-ny prostitution"),
    ('in:"new jersey"', "no code of a legislature", 0, "jurisdiction:us-nj"),
    ("in:california", "no code of a legislature", 0, "jurisdiction:us-ca"),
    ("in:canada", "no code of a legislature", 0, "jurisdiction:ca"),
    ("stage:live", "It may be: alive, in-force, ended, introduced", 0, "stage:alive"),
    ("jurisdiction:washington", "no code of a legislature", 0, "jurisdiction:us-wa"),
    ("introduced:>last-year", "is no date", 0, "introduced:>2025-01-01"),
    ("introduced:2025-02-30", "is no date", 0, "introduced:>2025-01-01"),
    ("introduced:2025..2024", "ends before it begins", 0, "introduced:2024..2025"),
    ("cite:lamp", "could not be read as a citation", 0, 'cite:"47 U.S.C. 230"'),
    ("topic:", "needs a value", 0, "topic:platform-liability"),
    ("la*", "at least 3 letters", 0, "la"),
    ("(" * 9 + "lamp" + ")" * 9, "within each other", 8, None),
    ("lamp " * 61, "more than 60 words", 300, None),
    ("x" * 601, "longer than 600", 600, None),
])  # fmt: skip
def test_an_error_says_what_where_and_what_instead(typed: str, says: str, at: int, suggestion: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(typed)
    assert says in caught.value.problem
    assert caught.value.start == at
    assert caught.value.suggestion == suggestion
    if suggestion:
        parse(suggestion)


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_of_every_field_is_a_query(name: str) -> None:
    typed = FIELDS[name].example
    assert parse(canonical(parse(typed))) == parse(typed)


@pytest.mark.parametrize(("typed", "said"), [
    ('prostitut* "sex work"', "a word that begins with “prostitut…”, and the words in a row “sex work”"),
    ("lamp -harbor", "the word “lamp”, and not the word “harbor”"),
    ("lamp (harbor OR pier)", "the word “lamp”, and either (the word “harbor”, or the word “pier”)"),
    ("in:us-wa topic:worker-rights", "in Washington (us-wa), and a flagged section (Worker rights)"),
    ("topic:decriminalization effect:advances", "a flagged section (Decriminalization: would relax the law)"),
    ("topic:worker-rights,anti-trafficking effect:reverses",
     "a flagged section (Anti-trafficking or Worker rights: would repeal or weaken)"),
    ("topic:decriminalization,criminalization effect:advances,non-binding",
     "a flagged section (Decriminalization or Criminalization: would advance its topic or study or statement only)"),
    ("introduced:>2025-01-01", "introduced on or after 2025-01-02"),
    ("introduced:<2025-01-01", "introduced before 2025-01-01"),
    ('cite:"47 usc 230"', "citing 47 usc 230 (us/usc/47/230) or a part of it"),
    ('cite:"RCW 9A.88"', "citing us-wa/rcw/ch-9A.88 or a part of it"),
    ("stage:alive", "alive (no end of it is recorded)"),
    ("stage:became-law", "at the stage “Became law”"),
])  # fmt: skip
def test_a_query_is_said_back_in_plain_words(typed: str, said: str) -> None:
    assert understood(parse(typed), {"us-wa": "Washington"}) == said


leaves = st.sampled_from([
    "lamp", "lamp*", '"lamp post"', '"lamp post*"', "title:lamp", 'title:"lamp post"*', "in:us-wa,us-*",
    "topic:worker-rights",
    "effect:reverses", "stage:alive", "stage:in-force", "stage:ended",
    "stage:failed,vetoed", "session:119", "bill:hr-1,hb-2*", "introduced:>2025",
    "action:2025..2026", "introduced:<=2025", "sponsor:hara*", 'committee:"public safety"',
    'cite:"47 U.S.C. 230(c)"'])  # fmt: skip
queries = st.recursive(leaves, lambda inner: st.one_of(
    st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
    st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
    inner.map(lambda part: f"-({part})"), inner.map(lambda part: f"NOT {part}")), max_leaves=8)


@given(queries)
def test_what_is_typed_in_the_canonical_way_is_the_same_query(typed: str) -> None:
    try:
        tree = parse(typed)
    except QueryError as problem:
        assert "longer" in problem.problem or "within each other" in problem.problem
        return
    again = canonical(tree)
    assert parse(again) == tree
    assert canonical(parse(again)) == again
    assert understood(tree)


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(
    ["AND", "OR", "NOT", "-", "(", ")", '"', "“", "*", ":", "topic:", "lamp", "in:us", "cite:", "\x00", "\ud800"]),
    max_size=14).map(" ".join)))
def test_whatever_is_typed_gives_a_tree_or_a_query_error(typed: str) -> None:
    try:
        tree = parse(typed)
    except QueryError as problem:
        assert 0 <= problem.start <= problem.end
        assert problem.problem
    else:
        assert parse(canonical(tree)) == tree


SPANISH = speech_of("es")
WRONG = ('lamp "harbor', "lamp (harbor", "lamp) harbor", "lamp AND", "OR lamp", "()", "", "topc:x", "topic:",
         "topic:worker", "effect:reverse", "stage:law", "jurisdiction:washington", "introduced:>last",
         "introduced:2025..2024", "introduced:..", "cite:lamp", "la*", "(" * 9 + "lamp" + ")" * 9, "lamp " * 61,
         "x" * 601, "session:!", "bill:!", "sponsor:!", "topic:,", "*post", 'cite:"18 U.S.C. 1591-1999"', "title:!",
         f"session:{','.join(map(str, range(71)))}")  # fmt: skip


@pytest.mark.parametrize("typed", WRONG)
def test_an_error_is_a_message_and_values_that_another_language_can_say(typed: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(typed)
    problem = caught.value
    assert (problem.message.format(**problem.values) if problem.values else problem.message) == problem.problem
    said = SPANISH._(problem.message, **problem.values)
    assert said != problem.problem and "{" not in said


def test_what_a_reader_typed_is_never_read_as_a_pattern() -> None:
    for typed in ("{0}:x", "topic:{names}", "introduced:{value.__class__}", "cite:{x}"):
        with contextlib.suppress(QueryError):
            said = understood(parse(typed), say=SPANISH._)
            assert "__class__" not in said
    with pytest.raises(QueryError) as caught:
        parse("introduced:{value.__class__}")
    assert "“{value.__class__}” is no date" in caught.value.problem


@pytest.mark.parametrize(("typed", "said"), [
    ('prostitut* "sex work"', "una palabra que empieza por «prostitut…», y las palabras seguidas «sex work»"),
    ("lamp (harbor OR pier)", "la palabra «lamp», y una de estas (la palabra «harbor», o la palabra «pier»)"),
    ("in:us-*,gb -topic:worker-rights",
     "en gb o cualquier estado de EE. UU., y no un artículo señalado (Derechos laborales)"),
    ("effect:reverses,non-binding",
     "un artículo señalado (cualquier tema: iría en contra de su tema o solo estudio o declaración)"),
    ("introduced:<2025-01-01 stage:became-law", "presentado antes del 2025-01-01, y en la etapa «Convertido en ley»"),
])  # fmt: skip
def test_a_query_is_said_back_in_spanish(typed: str, said: str) -> None:
    assert understood(parse(typed), say=SPANISH._) == said


@pytest.mark.parametrize("code", ["us-xx", "us-zz", "us-nyc", "us-gu", "xx"])
def test_a_legislature_that_somebody_added_can_be_asked_for(code: str) -> None:
    assert parse(f"jurisdiction:{code}") == Among("jurisdiction", (code,))
