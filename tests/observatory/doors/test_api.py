"""The API answers as its description says: over a real ledger, and whatever it is asked."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    positive_data_acceptance,
    unsupported_method,
)

from atelier.blobs.files import FileBlobs
from atelier.kernel.clock import iso
from atelier.kernel.errors import SetupError
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.api.table import description
from atelier.observatory.doors.limits import Limits
from atelier.observatory.doors.scope import Scope
from atelier.observatory.house import House
from atelier.observatory.index.index import Index
from atelier.observatory.reading.archive import Archive


@pytest.fixture(scope="module")
def coaching(coached_once: Path) -> Generator[House]:
    """The ledger of the coaching example after one run."""
    home = coached_once / ".atelier"
    ledger = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    archive = Archive(ledger, ledger.find_blob, FileBlobs(home / "blobs").find)
    index = Index.temporary(ledger, archive.read)
    index.catch_up()
    yield House(title="coaching", ledger=ledger, find=archive.read, index=index)
    index.close()
    ledger.close()


@pytest.fixture
def asked(coaching: House, tmp_path: Path, open_doors: Callable[..., Any]) -> Callable[..., Any]:
    """Ask the API, and hold the answer against its description."""
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    client, headers = doors.client(), doors.bearer(Scope.RUN)

    def ask(path: str, operation: str) -> Any:
        answer = client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        told = description()
        responses = told["paths"][f"/api/v1{operation}"]["get"]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**schema, "components": told["components"]}, answer.json())
        return answer.json()

    return ask


def test_one_thing_leads_to_the_next(asked: Callable[..., Any]) -> None:
    (line,) = asked("/tables/runs", "/tables/{table}")["lines"]
    run = asked(f"/runs/{line['run']}", "/runs/{run}")
    (artefact,) = asked(f"/runs/{run['run']}/artefacts", "/runs/{run}/artefacts")
    digest = artefact["emitted"]["digest"]
    assert asked(f"/artefacts/{digest}", "/artefacts/{digest}")["run"] == run["run"]
    (review,) = asked(f"/runs/{run['run']}/reviews", "/runs/{run}/reviews")
    assert review["findings"]
    same = f"/runs/{run['run']}/compare/{run['run']}"
    assert asked(same, "/runs/{run}/compare/{other}")
    assert asked(f"/why?q={digest}", "/why")
    assert asked("/why?q=nothing%20of%20the%20kind", "/why")
    packet = asked(f"/packets/{run['packet']}", "/packets/{packet}")
    same = f"/packets/{run['packet']}/diff/{run['packet']}"
    assert asked(same, "/packets/{packet}/diff/{other}")["slices"] == []
    name = packet["slices"][0]["name"]
    assert asked(f"/runs/{run['run']}/blast/{name}", "/runs/{run}/blast/{slice}")["struck"]
    for row in asked("/tables/rows", "/tables/{table}")["lines"]:
        shown = asked(f"/rows/{row['seq']}", "/rows/{seq}")
        assert shown["stage"] == row["stage"]
        assert asked(f"/runs/{run['run']}/why/{row['stage']}", "/runs/{run}/why/{stage}")


@pytest.mark.parametrize(
    "path", ["/status", "/tables", "/cost", "/stages", "/retries", "/claims/trend", "/workflows"]
)
def test_sums_are_as_described(asked: Callable[..., Any], path: str) -> None:
    asked(path, path)


def test_a_slice_that_no_packet_has_strikes_nothing(
    coaching: House, tmp_path: Path, open_doors: Callable[..., Any]
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    run = next(coaching.ledger.iter_runs(limit=1)).start.run
    path = f"/api/v1/runs/{run}/blast/nothing"
    answer = doors.client().get(path, headers=doors.bearer(Scope.READ))
    assert (answer.status_code, answer.json()["error"]["sentence"]) == (
        404,
        "There is no such slice.",
    )


def test_search_finds_and_goes_on(asked: Callable[..., Any]) -> None:
    first = asked("/search?q=casing&limit=1", "/search")
    assert len(first["hits"]) == 1
    later = asked(f"/search?q=casing&limit=1&before={first['before']}", "/search")
    assert later["hits"] != first["hits"]


def test_filters_order_and_cursors(asked: Callable[..., Any]) -> None:
    page = asked("/tables/rows?limit=2&order=-number", "/tables/{table}")
    more = asked(f"/tables/rows?limit=2&order=-number&after={page['after']}", "/tables/{table}")
    assert {line["seq"] for line in page["lines"]}.isdisjoint(line["seq"] for line in more["lines"])
    (one,) = asked("/tables/rows?stage=draft", "/tables/{table}")["lines"]
    assert one["stage"] == "draft"


@pytest.mark.parametrize(
    "path",
    [
        "/tables/runs?nothing=1",
        "/tables/runs?order=nothing",
        "/tables/runs?limit=100000",
        "/tables/runs?after=x",
        "/cost?by=nothing",
        "/cost?since=yesterday",
        "/stages?until=3 March",
        "/search?q=x&limit=-1",
        "/search?q=x&kind=nothing",
        "/runs/RUN/events?after=xx",
    ],
)
def test_what_cannot_be_asked_is_said(
    coaching: House, tmp_path: Path, open_doors: Callable[..., Any], path: str
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    run = next(coaching.ledger.iter_runs(limit=1)).start.run
    path = path.replace("RUN", run)
    answer = doors.client().get(f"/api/v1{path}", headers=doors.bearer(Scope.READ))
    assert answer.status_code == 422
    error = answer.json()["error"]
    *_, (name, given) = parse_qsl(path.partition("?")[2])
    assert error["facts"] == {"filter": name, "given": given}
    assert error["next_step"]


@pytest.mark.parametrize("path", ["/cost?since=foo", "/stages?until=foo", "/search?q=x&before=foo"])
def test_a_page_says_what_it_cannot_be_asked(
    coaching: House, tmp_path: Path, open_doors: Callable[..., Any], path: str
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    headers = {**doors.bearer(Scope.READ), "accept": "text/html"}
    answer = doors.client().get(path, headers=headers)
    assert answer.status_code == 422
    assert "<nav" in answer.text
    assert "foo" in answer.text


def test_a_ledger_that_is_gone_is_said_on_pages_and_by_the_status(
    tmp_path: Path, open_doors: Callable[..., Any]
) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.sqlite")
    index = Index.temporary(ledger, ledger.find_blob)
    house = House(title="gone", ledger=ledger, find=ledger.find_blob, index=index)
    doors = open_doors(tmp_path, house=house, limits=Limits())
    client, headers = doors.client(), doors.bearer(Scope.READ)
    index.catch_up()
    status = client.get("/api/v1/status", headers=headers).json()
    assert (status["behind"], status["trouble"]) == (False, "")
    assert status["as_of"] <= iso(doors.clock.now())
    (tmp_path / "ledger.sqlite").unlink()
    with pytest.raises(SetupError, match=r"ledger\.gone"):
        index.step()
    later = client.get("/api/v1/status", headers=headers).json()
    assert (later["behind"], later["as_of"]) == (True, status["as_of"])
    assert "is gone" in later["trouble"]
    for path in ("/", "/tables/rows", "/search", "/integrity", "/cost"):
        told = client.get(path, headers={**headers, "accept": "text/html"}).text
        assert "is gone" in told, path
        assert status["as_of"] in told, path
    index.close()
    ledger.close()


def test_a_form_that_is_refused_leads_back_to_its_page(
    coaching: House, tmp_path: Path, open_doors: Callable[..., Any]
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    run = next(coaching.ledger.iter_runs(limit=1)).start.run
    headers = {**doors.bearer(Scope.RUN), "accept": "text/html"}
    for page, form in ((f"/runs/{run}", "cancel"), ("/workflows/synthesize-session", "start")):
        answer = doors.client().post(f"{page}/{form}", headers=headers)
        assert answer.status_code in {404, 409, 422}, answer.text
        assert f'href="{page}"' in answer.text
        assert "<nav" in answer.text


def test_content_is_a_download_that_nothing_runs(
    coaching: House, tmp_path: Path, open_doors: Callable[..., Any]
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    client, headers = doors.client(), doors.bearer(Scope.READ)
    output = next(coaching.ledger.iter_runs(limit=1)).start.packet
    row = next(coaching.ledger.iter_stage_rows(next(coaching.ledger.iter_runs(limit=1)).start.run))
    assert client.get(f"/api/v1/packets/{output}", headers=headers).status_code == 200
    answer = client.get(f"/api/v1/content/{row.output}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("prov", "application/ld+json", ".prov.jsonld"),
        ("in-toto", "application/vnd.in-toto+json", ".intoto.json"),
    ],
)
def test_a_history_is_taken_along_in_a_common_form(
    coaching: House,
    tmp_path: Path,
    open_doors: Callable[..., Any],
    form: str,
    media_type: str,
    name: str,
) -> None:
    doors = open_doors(tmp_path, house=coaching, limits=Limits())
    client, headers = doors.client(), doors.bearer(Scope.READ)
    emitted = next(coaching.ledger.iter_artefacts())
    path = f"/api/v1/artefacts/{emitted.digest}/{form}"
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].endswith(f'{name}"')
    assert emitted.digest.removeprefix("sha256:") in answer.text
    assert client.get(f"{path}?run={emitted.run}", headers=headers).content == answer.content
    assert client.get(f"{path}?run=01m8h7j5nrghsq2am30zj40aba", headers=headers).status_code == 404


@pytest.fixture(scope="module")
def answering(
    coaching: House, tmp_path_factory: pytest.TempPathFactory, open_doors: Any, serving: Any
) -> Generator[Any]:
    """A server of the ledger."""
    folder = tmp_path_factory.mktemp("answering")
    with serving(
        lambda port: open_doors(folder, port=port, house=coaching, limits=Limits())
    ) as doors:
        yield doors


FOUND: list[Any] = list(schemathesis.openapi.from_dict(description()).get_all_operations())
OPERATIONS = [found.ok() for found in FOUND]


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_is_asked_the_answer_is_described(operation: Any, answering: Any) -> None:
    headers = answering.bearer(Scope.RUN)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    def check(case: Any) -> None:
        # Methods and who asks are tried with every route elsewhere; what a table has no column for
        # is refused although the description cannot say so.
        case.call_and_validate(
            base_url=answering.base,
            headers=headers,
            excluded_checks=[unsupported_method, ignored_auth, positive_data_acceptance],
        )

    check()
