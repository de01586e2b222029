import pytest

from atelier.kernel.evidence import Address, Citation, Role, Span
from atelier.soqratic import Finding, FindingKind, Question, Review


def cited(at: int = 0, role: Role = Role.SUPPORTS) -> Citation:
    place = Address(slice="journal", element="sha256:" + "a" * 64, span=Span(start=at, end=at + 4))
    return Citation(address=place, quote="text", role=role)


def finding(kind: FindingKind = FindingKind.OBLIGATION, **options: object) -> Finding:
    given = {"id": "0" * 8, "kind": kind, "statement": "Said.", "evidence": (cited(),), **options}
    return Finding.model_validate(given)


def question(text: str, **options: object) -> Question:
    given = {"text": text, "turns_on": ("0" * 8,), "evidence": (cited(),), **options}
    return Question.model_validate(given)


def test_a_finding_without_evidence_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least 1 item"):
        finding(evidence=())


def test_a_tension_cites_two_places() -> None:
    with pytest.raises(ValueError, match="both sides"):
        finding(FindingKind.TENSION)
    assert finding(FindingKind.TENSION, evidence=(cited(), cited(9)))


def test_a_checks_finding_names_its_claim() -> None:
    with pytest.raises(ValueError, match="names the claim"):
        finding(FindingKind.CHECK)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tell me more.", "ends with a question mark"),
        ("What changed? And why?", "one thing"),
        ("What " + "very " * 35 + "changed?", "at most 35 words"),
        ("You said “why?”", "ends with a question mark"),
    ],
)
def test_a_question_is_one_short_interrogative(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        question(text)


def test_a_quoted_question_is_no_second_one() -> None:
    assert question("You asked “why me? why now?”: what did you mean?")


def test_a_question_turns_on_a_finding_of_the_review_and_shares_its_evidence() -> None:
    asked = question("What changed?")
    assert Review(findings=(finding(),), question=asked).question == asked
    with pytest.raises(ValueError, match="not there"):
        Review(findings=(), question=asked)
    with pytest.raises(ValueError, match="shares no evidence"):
        Review(findings=(finding(),), question=question("What changed?", evidence=(cited(50),)))


def test_findings_stand_in_the_order_of_their_kinds() -> None:
    late = finding(FindingKind.UNCITED_SLICE, id="1" * 8)
    assert Review(findings=(finding(), late))
    with pytest.raises(ValueError, match="order of their kinds"):
        Review(findings=(late, finding()))
    with pytest.raises(ValueError, match="one id"):
        Review(findings=(finding(), finding()))
