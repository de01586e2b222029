"""The picture in the README is the one that the project draws."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ATELIER = Path(sys.executable).parent / "atelier"


def test_the_picture_of_the_example_is_what_the_project_draws() -> None:
    """To draw it anew: atelier graph examples/coaching --svg > docs/pictures/coaching.svg"""
    done = subprocess.run(
        [str(ATELIER), "graph", "examples/coaching", "--svg"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    drawn = (ROOT / "docs" / "pictures" / "coaching.svg").read_text(encoding="utf-8")
    assert drawn == done.stdout
