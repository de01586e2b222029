"""The door: good passages pass, and nothing else does."""

from dataclasses import dataclass
from random import Random
from re import sub
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.artefact.door import DoorFault, check, feedback
from atelier.artefact.passage import Passage
from atelier.artefact.sentence import sentences_of
from atelier.kernel.evidence import GroundedClaim
from atelier.terra.surface import needs_support

ALSO = ("maya", "s12", "2026-03-09", "Which page would you show Henrik today?")
FLUENT = """
She is clearly making remarkable progress in every part of her life.
This shows a real shift in her mindset.
Overall, the trajectory is very encouraging.
Maya is ready for the next step.
Her resilience continues to grow.
Maya has found her rhythm again.
She trusts the process more than ever.
Sleep, running and writing support each other.
Running helps her sleep before the exam.
The defence will go well.
Noah is a great source of support.
Henrik is pleased with the draft.
Maya is committed to her work and sends drafts regularly.
She handled the setback with grace.
There is a growing sense of ownership.
The phone call is no longer a problem.
Maya enjoys the scholarship.
Money worries are the root of the problem.
Her stipend was raised.
Rent is going down.
The exam went well.
She passed the exam on Tuesday.
Noah and Maya are planning a marathon.
Writing has become a habit that she enjoys.
Henrik agreed to meet her.
Her last two emails were excellent.
Noah answered her emails.
Maya slept through the phone call.
Henrik sent the scholarship form.
Maya understands why she avoids the phone call.
It is a turning point.
She is thriving.
Her confidence is visible to everyone around her.
The chapter convinced Henrik.
She feels at peace with the scholarship form.
""".strip().splitlines()


@dataclass(frozen=True)
class Case:
    """Good passages, one of which was made bad."""

    passages: list[Passage]
    index: int


def rules(passages: list[Passage], claims: dict[str, GroundedClaim], title: str = "") -> set[str]:
    return {fault.rule for fault in check(passages, claims, also=ALSO, title=title)}


def test_good_passages_pass_without_a_fault(week: Any, good: list[Passage]) -> None:
    found = check(good, week.claims, also=ALSO, title="Maya, session 12")
    assert found == ()
    assert feedback(found) == ""


def test_every_passage_passes_by_itself(week: Any, good: list[Passage]) -> None:
    for passage in good:
        assert check([passage], week.claims, also=ALSO) == (), passage.text


def _with(good: list[Passage], index: int, **changes: object) -> Case:
    passages = list(good)
    passages[index] = passages[index].model_copy(update=changes)
    return Case(passages, index)


@pytest.mark.parametrize("place", range(16))
@pytest.mark.parametrize("sentence", FLUENT)
def test_fluent_sentence_without_a_claim_is_caught(
    week: Any, good: list[Passage], sentence: str, place: int
) -> None:
    text = good[place].text
    case = _with(good, place, text=f"{text} {sentence}" if place % 2 else f"{sentence} {text}")
    faults = check(case.passages, week.claims, also=ALSO)
    assert any(fault.passage == place and sentence in fault.sentence for fault in faults)
    assert all(sentence in fault.sentence for fault in faults), "the rest still passes"


NUMBERS = ["7", "19", "250", "4.75", "eleven", "ninety-nine", "1,300", "33%", "$80", "a dozen"]


@pytest.mark.parametrize("seed", range(100))
def test_invented_number_is_caught(week: Any, good: list[Passage], seed: int) -> None:
    random = Random(seed)  # noqa: S311 - chosen, not secret
    place = random.choice([i for i, p in enumerate(good) if any(c.isdigit() for c in p.text)])
    old = random.choice([n for n in good[place].text.split() if any(c.isdigit() for c in n)])
    number = random.choice(NUMBERS)
    case = _with(good, place, text=good[place].text.replace(old, number, 1))
    assert rules(case.passages, week.claims) & {"number", "ungrounded"}, case.passages[place].text


@pytest.mark.parametrize("phrase", [
    "for 9 weeks", "three times", "on 3 May", "at 9:30", "in 2019", "twice", "by half", "on Monday",
    "in October", "for 45 minutes", "½ of it", "on the 21st", "after 6 pm", "hundreds of times",
])  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 2, 5, 7, 9, 14, 15])
def test_number_or_date_added_to_a_true_sentence_is_caught(
    week: Any, good: list[Passage], phrase: str, place: int
) -> None:
    text = sub(r"([.”]+)$", rf" {phrase}\1", good[place].text)
    case = _with(good, place, text=text)
    assert rules(case.passages, week.claims) & {"number", "ungrounded", "quote"}, text


FLAGGED = ["sent", "pages", "calmer", "wrote"]
SUPPORTED = ["slept", "ran", "call", "form", "emails", "rent"]


@pytest.mark.parametrize("seed", range(120))
def test_dropped_flag_is_caught(week: Any, seed: int) -> None:
    """A flagged claim restated, but only supported claims, or none, are named for it."""
    random = Random(seed)  # noqa: S311 - chosen, not secret
    flagged = random.choice(FLAGGED)
    named = random.sample(SUPPORTED, random.randrange(5))
    text = random.choice(["", "So, ", "And "]) + week.text(flagged)
    others = " ".join(week.text(name) for name in named)
    passage = week.passage(f"{others} {text}".strip(), *named)
    faults = check([passage], week.claims, also=ALSO)
    assert faults
    assert faults[-1].sentence.endswith(text)


def test_flag_dropped_in_favour_of_a_similar_supported_claim_is_named(week: Any) -> None:
    claims = dict(week.claims)
    near = claims[week.ids["slept"]]
    similar = "Maya sent Henrik the methods draft, not the chapter."
    claims["aaaaaaaa"] = near.model_copy(
        update={"claim": near.claim.model_copy(update={"id": "aaaaaaaa", "text": similar})}
    )
    passage = Passage(text="Maya sent Henrik the methods chapter.", claims=("aaaaaaaa",))
    found = check([passage], claims, also=ALSO)
    assert "flag" in {fault.rule for fault in found}
    assert any(week.ids["sent"] in fault.detail for fault in found)


@pytest.mark.parametrize("name", ["Priya", "Tom", "Ingrid", "Dr. Osei", "Zork", "O'Brien"])
@pytest.mark.parametrize("old", ["Maya", "Noah", "Henrik"])
def test_invented_name_is_caught_wherever_it_stands(
    week: Any, good: list[Passage], name: str, old: str
) -> None:
    for place, passage in enumerate(good):
        if old in passage.text and (needs_support(passage.text) or old != "Maya"):
            case = _with(good, place, text=passage.text.replace(old, name))
            assert rules(case.passages, week.claims), case.passages[place].text


@pytest.mark.parametrize(("text", "names", "rule"), [
    ("Maya said: “I keep putting the exam off.”", ["call"], "quote"),
    ("She keeps “pushing the phone call off”.", ["call"], "quote"),
    ("She ran 5 km with Noah and “it felt awful”.", ["ran"], "quote"),
    ("Maya did not sleep four hours before the exam on Tuesday.", ["slept"], "negation"),
    ("Henrik has answered her last two emails.", ["emails"], "negation"),
    ("Maya definitely wrote every morning for two weeks.", ["wrote"], "settled"),
    ("Maya slept four hours before the exam on Tuesday.", ["slept", "ran2"], "unknown-claim"),
    ("Maya slept four hours before the exam on Tuesday.", [], "no-claim"),
    ("The form for the scholarship is due on 2026-03-15.", ["form"], "number"),
    ("The form for the scholarship is due on 14 March 2027.", ["form"], "number"),
    ("Rent takes $60 of her stipend.", ["rent"], "number"),
    ("Did she tell Priya about the call?", ["call"], "name"),
    ("Could she run 12 km next time?", ["ran"], "number"),
    ("Consider asking Tom to sit beside you.", ["ran"], "name"),
])  # fmt: skip
def test_rule_is_named(week: Any, text: str, names: list[str], rule: str) -> None:
    claims = tuple(week.ids.get(name, "00000000") for name in names)
    found = check([Passage(text=text, claims=claims)], week.claims, also=ALSO)
    assert rule in {fault.rule for fault in found}, found


@pytest.mark.parametrize(("heading", "passes"), [
    ("Sleep before the exam", True),
    ("What Maya avoids", True),
    ("Running With Noah", True),
    ("Four hours of sleep", True),
    ("", True),
    ("Which page would you show Henrik today?", True),
    ("Nine hours of sleep", False),
    ("Sleep, and what Priya said", False),
    ("Maya is cured.", False),
    ("Why “the exam was easy”", False),
])  # fmt: skip
def test_heading_draws_names_and_numbers_from_its_section(
    week: Any,
    heading: str,
    passes: bool,  # noqa: FBT001
) -> None:
    passages = [
        week.passage(week.text("slept"), "slept", heading=heading),
        week.passage(week.text("ran"), "ran"),
    ]
    found = check(passages, week.claims, also=ALSO)
    assert (found == ()) is passes, found
    assert all(fault.part == "heading" for fault in found)


def test_heading_may_not_draw_from_another_section(week: Any) -> None:
    passages = [
        week.passage(week.text("slept"), "slept", heading="Sleep"),
        week.passage(week.text("ran"), "ran", heading="Running, and four hours"),
    ]
    found = check(passages, week.claims)
    assert [(fault.passage, fault.part, fault.rule) for fault in found] == [
        (1, "heading", "number")
    ]


@pytest.mark.parametrize(("title", "passes"), [
    ("Maya, session 12", True),
    ("Session s12 of 2026-03-09", True),
    ("A week with Noah", True),
    ("Maya, session 13", False),
    ("A week with Priya", False),
    ("Maya slept nine hours.", False),
])  # fmt: skip
def test_title_draws_on_all_claims_and_the_parameters(
    week: Any,
    good: list[Passage],
    title: str,
    passes: bool,  # noqa: FBT001
) -> None:
    found = check(good, week.claims, also=ALSO, title=title)
    assert (found == ()) is passes, found
    assert all((fault.passage, fault.part) == (-1, "title") for fault in found)


def test_text_made_by_rule_passes_word_for_word_only(week: Any) -> None:
    finding = "The draft never mentions the commitment “Book the dentist” of 2 March. It is open."
    printed = [Passage(text=finding), Passage(text=finding.upper().replace("  ", " "))]
    assert check(printed, week.claims, also=[finding]) == ()
    changed = Passage(text=finding.replace("2 March", "3 March"))
    assert [fault.rule for fault in check([changed], week.claims, also=[finding])] == ["no-claim"]


def test_student_named_by_a_parameter_may_be_named(week: Any) -> None:
    passage = week.passage("Zoë ran 5 km with Noah on Saturday.", "ran")
    assert {f.rule for f in check([passage], week.claims)} == {"name"}
    assert check([passage], week.claims, also=["zoë"]) == ()


def test_restated_flagged_claim_may_carry_its_own_number(week: Any) -> None:
    """It is printed under its flag; only a supported claim's text is evidence for other words."""
    assert check([week.passage("The draft has 40 pages.", "pages")], week.claims) == ()
    claims = dict(week.claims)
    flagged = claims[week.ids["calmer"]]
    said = flagged.claim.model_copy(update={"text": "She ran 70 km that week."})
    claims[week.ids["calmer"]] = flagged.model_copy(update={"claim": said})
    assert check([week.passage("She ran 70 km that week.", "calmer")], claims) == ()
    reworded = week.passage("In that week she ran all of 70 km.", "calmer")
    assert [fault.rule for fault in check([reworded], claims)] == ["number"]


def test_span_cuts_the_sentence_out_of_its_passage(week: Any) -> None:
    text = "- Maya slept four hours before the exam on Tuesday.\n- She is 🙂 thriving.\n"
    (fault,) = check([week.passage(text, "slept")], week.claims)
    assert text[fault.span.start : fault.span.end] == fault.sentence == "She is 🙂 thriving."


def test_heading_hidden_in_the_text_is_a_sentence_like_any_other(week: Any) -> None:
    for text in ("# Maya is thriving", "**Maya is thriving**", "> Maya is thriving", "- thriving"):
        assert rules([week.passage(text, "slept")], week.claims) == {"ungrounded"}, text


def test_feedback_names_place_sentence_and_reason(week: Any) -> None:
    passages = [
        week.passage(week.text("slept"), "slept", heading="With Priya"),
        week.passage("She ran 9 km with Noah on Saturday.", "ran"),
        Passage(text="She is thriving. " + "word " * 80),
    ]
    said = feedback(check(passages, week.claims, title="99 problems"))
    assert "4 sentences may not be printed:" in said
    assert "- title, “99 problems”: states 99, which the evidence does not" in said
    assert "- heading of passage 1, “With Priya”: names Priya" in said
    assert "- passage 2, “She ran 9 km with Noah on Saturday.”: states 9 km" in said
    assert all(len(line) < 300 for line in said.splitlines())


def test_faults_are_in_printing_order_and_stable(week: Any, good: list[Passage]) -> None:
    passages = [p.model_copy(update={"text": f"{p.text} She is thriving."}) for p in good]
    found = check(passages, week.claims, also=ALSO)
    assert [fault.passage for fault in found] == list(range(len(good)))
    assert check(passages, dict(reversed(week.claims.items())), also=ALSO) == found


@given(st.text(max_size=200), st.text(max_size=40))
def test_no_text_breaks_the_door(text: str, heading: str) -> None:
    found = check([Passage(text=text, heading=heading)], {}, title=heading)
    for fault in found:
        assert isinstance(fault, DoorFault)
        assert fault.part != "text" or text[fault.span.start : fault.span.end]
    stated = [s for s in sentences_of(text) if needs_support(s.text)]
    assert len({(f.span.start, f.span.end) for f in found if f.part == "text"}) >= len(stated)
