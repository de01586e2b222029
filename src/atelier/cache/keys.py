"""The three keys of the memo table: what is in each, and what never is."""

from collections.abc import Mapping

from atelier.kernel.canonical import Json
from atelier.kernel.digest import digest_bytes, record_digest


def stage_key(scope: str, recipe: str, inputs: Mapping[str, str]) -> str:
    """The key under which a stage's value stands: {scope, recipe, inputs}.

    An input enters by the digest of what the stage consumes, never by its producer's key: a
    producer that re-ran and said the same stops the wave here. The stage's name, the workflow, the
    run, the time, the attempt and the machine are never in it.

    Example:
        >>> stage_key("default", "sha256:r", {"a": "sha256:1", "b": "sha256:2"}) == stage_key(
        ...     "default", "sha256:r", {"b": "sha256:2", "a": "sha256:1"}
        ... )
        True
    """
    return record_digest("stage-key", {"scope": scope, "recipe": recipe, "inputs": dict(inputs)})


def run_key(scope: str, packet: str, stages: Mapping[str, Json], artefact: Json) -> str:  # noqa: PLR0917 - the four things a run is
    """The key of a whole run: {scope, packet, stages, artefact}.

    `stages` holds recipe, wiring, `each` and optional inputs by stage name, since the wiring is by
    name; `artefact` holds the final stage, the path template and the render scheme. The workflow's
    own name is not in it: a renamed workflow is the same work.

    Example:
        >>> run_key("default", "sha256:p", {}, None) == run_key("other", "sha256:p", {}, None)
        False
    """
    return record_digest(
        "run-key",
        {"scope": scope, "packet": packet, "stages": dict(stages), "artefact": artefact},
    )


def call_key(scope: str, binding: Json, request: Json) -> str:
    """The key of a model call: {scope, binding, the first request of an `ask`}.

    It is exact where the stage key is cautious: equal requests to one binding are one call, from
    whatever stage. Repairs after a rejected answer are attempts of the same call.

    Example:
        >>> call_key("default", {"model": "a"}, {"n": 1}) == call_key(
        ...     "default", {"model": "b"}, {"n": 1}
        ... )
        False
    """
    return record_digest("call-key", {"scope": scope, "binding": binding, "request": request})


def missing_digest() -> str:
    """The digest that stands for an optional input that is missing; no present value has it.

    The space makes the bytes non-canonical, so that even the value `{"missing": true}` differs: a
    degraded value is never taken for a whole one.

    Example:
        >>> from atelier.kernel.digest import digest
        >>> missing_digest() == digest({"missing": True})
        False
    """
    return digest_bytes(b'{"missing": true}')
