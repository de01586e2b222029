"""A run is taken along from its page, as one file that nothing on the way shows."""

from visiting import Served, Visitor


def test_a_run_is_downloaded_as_one_file(visitor: Visitor, full: Served) -> None:
    run = next(full.house.ledger.iter_runs(limit=1)).start.run
    page = visitor.open(f"/runs/{run}")
    with page.expect_download() as waited:
        page.get_by_role("link", name="Export").click()
    file = waited.value
    assert file.suggested_filename == f"run-{run}.html"
    text = file.path().read_text(encoding="utf-8")
    assert text.lstrip().startswith("<!doctype html>")
    assert 'id="artefact"' in text


def test_parts_of_it_are_withheld_by_its_address(visitor: Visitor, full: Served) -> None:
    run = next(full.house.ledger.iter_runs(limit=1)).start.run
    request = visitor.page.context.request
    address = f"{full.base}/runs/{run}/export"
    answer = request.get(f"{address}?redact=subject,prompts&only_cited=1")
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{run}.html"'
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert "prompts, subject, uncited withheld" in answer.text()
    assert request.get(f"{address}?redact=secrets").status == 422
