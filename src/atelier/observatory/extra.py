"""The parts that pages need beside the core: imported when they are used, and named where missing."""

from importlib import import_module
from types import ModuleType

from atelier.kernel.errors import SetupError

_WEB = ("starlette", "uvicorn", "jinja2", "h11", "anyio", "markupsafe")


def import_web(module: str) -> ModuleType:
    """A module that needs the extra `web`.

    Raises:
        SetupError: the extra is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in _WEB:
            raise
        raise SetupError(
            "serve.extra",
            "The parts that make pages are not installed.",
            facts={"missing": error.name},
            next_step="Install them: pip install 'atelier-harness[web]'",
        ) from error
