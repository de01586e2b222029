"""The pytest plugin: fixtures for workflows and models, and no live call by mistake.

It is loaded in every run of pytest where Atelier is installed, so it imports nothing of Atelier
until a fixture is asked for.
"""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

LIVE = "ATELIER_LIVE_CALLS"
_BEFORE = pytest.StashKey[str | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that records."""
    group = parser.getgroup("atelier")
    group.addoption(
        "--atelier-record",
        action="store_true",
        help="ask the provider what recorded_model has no receipt for, and keep it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known, and refuse live calls, in child processes too."""
    config.addinivalue_line("markers", "live_models: this test may ask models over the network")
    config.addinivalue_line(
        "markers", "fake_provider(script, prices=...): what fake_provider does in this test"
    )
    config.stash[_BEFORE] = os.environ.get(LIVE)
    os.environ[LIVE] = "refuse"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the environment as it was."""
    _put(config.stash.get(_BEFORE, None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a marked test ask, and one that records."""
    refused = os.environ.get(LIVE)
    records = bool(item.config.getoption("atelier_record")) and _uses_recorded(item)
    if records or item.get_closest_marker("live_models") is not None:
        _put(None)
    try:
        return (yield)
    finally:
        _put(refused)


@pytest.fixture
def atelier_project(tmp_path: Path) -> Path:
    """The folder of the project that `atelier_harness` opens: override it to use one of yours."""
    return tmp_path


@pytest.fixture
def atelier_models() -> Mapping[str, Any]:
    """The clients of `atelier_harness`, by model class: override it to give some."""
    return {}


@pytest.fixture
def atelier_harness(atelier_project: Path, atelier_models: Mapping[str, Any]) -> Iterator[Any]:
    """An open harness over a project of this test alone."""
    from atelier.harness import Harness  # noqa: PLC0415 - loaded where it is used
    from atelier.project import read_project  # noqa: PLC0415

    with Harness.open(read_project(atelier_project), models=atelier_models) as harness:
        yield harness


@pytest.fixture
def fake_provider(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A `FakeProvider` that is running; the mark of its name gives it a script and prices."""
    from atelier.testing.provider import FakeProvider  # noqa: PLC0415 - loaded where it is used

    mark = request.node.get_closest_marker("fake_provider")
    given: tuple[Any, ...] = mark.args if mark is not None else ()
    named: dict[str, Any] = dict(mark.kwargs) if mark is not None else {}
    with FakeProvider(*given, **named) as provider:
        yield provider


@pytest.fixture
def recorded_model(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes models that answer from the file of this test: `recorded_model("openai:gpt-5-mini")`.

    It takes `use` and the other settings of a model class, and `url` and `key` of an endpoint; or a
    client in place of `use`. The file is `receipts/<module>.<test>.jsonl` beside the test.
    """
    from atelier.models import Binding, parse_binding  # noqa: PLC0415 - loaded where it is used
    from atelier.models.endpoint import Endpoint, parse_endpoint  # noqa: PLC0415
    from atelier.models.provider import open_client  # noqa: PLC0415
    from atelier.testing.recorded import RecordedModel  # noqa: PLC0415

    node, place = request.node, request.path
    path = place.parent / "receipts" / f"{place.stem}.{_file_name(node.name)}.jsonl"
    record = bool(request.config.getoption("atelier_record"))

    def made(use: Any, *, endpoint: Mapping[str, Any] | None = None, **settings: Any) -> Any:
        if not isinstance(use, str):
            return RecordedModel(use, path, record=record)
        endpoints: dict[str, Endpoint] = {}
        if endpoint is not None:
            endpoints["recorded"] = parse_endpoint("recorded", endpoint)
            settings["endpoint"] = "recorded"
        binding: Binding = parse_binding("recorded", {"use": use, **settings})
        return RecordedModel(open_client(binding, endpoints), path, binding=binding, record=record)

    return made


def _uses_recorded(item: pytest.Item) -> bool:
    return "recorded_model" in getattr(item, "fixturenames", ())


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)


def _put(value: str | None) -> None:
    if value is None:
        os.environ.pop(LIVE, None)
    else:
        os.environ[LIVE] = value
