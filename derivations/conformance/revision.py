"""An engine as of a git revision, beside the current one; nobody's files are touched."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from derivations.conformance.protocol import load_engine


class RevisionError(LookupError):
    """There is no engine to be had from the revision that was named."""


@contextmanager
def engine_at(revision: str, name: str = "engine") -> Iterator[Any]:
    """The engine called ``name`` as it was at a revision, while the block lasts.

    Raises: RevisionError without git, outside a repository, for an unknown revision, or for one
        that holds no such engine.
    """
    package = name.partition(":")[0].partition(".")[0]
    source = _package_path(package)
    root = Path(_git(source.parent, revision, "rev-parse", "--show-toplevel").decode().strip())
    commit = _commit(root, revision)
    place = source.relative_to(root.resolve())
    with TemporaryDirectory(prefix="gradproof-") as directory:
        _extract(root, revision, commit, place, Path(directory))
        try:
            with _imported_from(Path(directory) / place.parent, package):
                engine = load_engine(name)
        except ImportError as error:
            raise RevisionError(f"--against {revision}: {error}") from error
        yield engine


def _package_path(package: str) -> Path:
    """The directory of a package, or the file of a module, that is there now."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RevisionError(f"--against: there is no package {package} to compare with")
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.name == "__init__.py" else origin


def _git(directory: Path, revision: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise RevisionError(f"--against {revision}: git is not installed") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise RevisionError(f"--against {revision}: {lines[0]}")
    return done.stdout


def _commit(root: Path, revision: str) -> str:
    try:
        found = _git(
            root, revision, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
        )
    except RevisionError as error:
        if "not installed" in str(error):
            raise
        raise RevisionError(f"--against {revision}: git knows no such revision") from error
    return found.decode().strip()


def _extract(root: Path, revision: str, commit: str, place: Path, directory: Path) -> None:
    """Write the package as of the commit under the directory."""
    if not _git(root, revision, "ls-tree", commit, "--", place.as_posix()):
        raise RevisionError(
            f"--against {revision}: there is no {place.as_posix()} in that revision"
        )
    archive = _git(root, revision, "archive", commit, "--", place.as_posix())
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(directory, filter="data")


@contextmanager
def _imported_from(directory: Path, package: str) -> Iterator[None]:
    """Imports of the package come from the directory; the current modules come back afterwards.

    The modules of the revision keep the names by which they import each other, so they can live
    beside the current ones only outside ``sys.modules``.
    """
    current = _taken_out(package)
    sys.path.insert(0, str(directory))
    invalidate_caches()
    try:
        import_module(package)
        yield
    except ImportError:
        raise
    except Exception as error:
        raise ImportError(f"{package} cannot be imported: {error}") from error
    finally:
        sys.path.remove(str(directory))
        _taken_out(package)
        sys.modules.update(current)


def _taken_out(package: str) -> dict[str, Any]:
    names = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    return {name: sys.modules.pop(name) for name in names}
