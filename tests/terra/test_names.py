from atelier.terra.names import initials, names


def found(text: str) -> list[tuple[str, bool]]:
    return [(name.folded, name.initial) for name in names(text)]


def test_a_name_inside_a_sentence_is_sure_and_at_its_start_is_not() -> None:
    assert found("Noah met Maya. Sleep helped Henrik\u2019s team.") == [
        ("noah", True),
        ("maya", False),
        ("sleep", True),
        ("henrik", False),
    ]


def test_days_months_pronouns_and_titles_are_no_names() -> None:
    assert found("On Monday I met Dr. Ito in March, and I'm fine.") == [("ito", False)]


def test_labels_in_bold_are_no_names() -> None:
    assert all(initial for _, initial in found("- **Code Expiry**: it ran out"))


def test_initials_of_capitalised_words_are_known() -> None:
    assert "pm" in initials(["the", "Project", "Manager", "spoke"])
