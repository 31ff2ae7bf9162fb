"""An engine as of a git revision, beside the current one; nobody's files are touched."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from derivations.conformance.protocol import METHODS, load_engine, missing


class RevisionError(LookupError):
    """There is no engine to be had from the revision that was named."""


@contextmanager
def engine_at(revision: str, name: str = "engine") -> Iterator["EngineApart"]:
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
        own = Modules(package=package, seen=set(_names(package)))
        try:
            with own.in_place(Path(directory) / place.parent):
                engine = load_engine(name)
        except ImportError as error:
            raise RevisionError(f"--against {revision}: {error}") from error
        yield EngineApart(engine, own)


def _package_path(package: str) -> Path:
    """The directory of a package, or the file of a module, that is there now."""
    spec = find_spec(package)
    if spec is None:
        raise RevisionError(f"--against: there is no package {package} to compare with")
    if spec.origin is None:  # a package without __init__.py
        return Path(next(iter(spec.submodule_search_locations or ()))).resolve()
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
        shallow = _git(root, revision, "rev-parse", "--is-shallow-repository").strip() == b"true"
        remedy = "; the clone is shallow, fetch it with git fetch --unshallow" if shallow else ""
        raise RevisionError(f"--against {revision}: git knows no such revision{remedy}") from error
    return found.decode().strip()


def _extract(root: Path, revision: str, commit: str, place: Path, directory: Path) -> None:
    """Write the package as of the commit under the directory."""
    if not _git(root, revision, "ls-tree", commit, "--", place.as_posix()):
        names = (
            _git(root, revision, "ls-tree", "-r", "-d", "--name-only", commit).decode().split("\n")
        )
        elsewhere = [path for path in names if Path(path).name == place.name]
        moved = f"; it was at {elsewhere[0]}" if elsewhere else ""
        raise RevisionError(
            f"--against {revision}: there is no {place.as_posix()} in that revision{moved}"
        )
    archive = _git(root, revision, "archive", commit, "--", place.as_posix())
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(directory, filter="data")


@dataclass(slots=True, kw_only=True)
class Modules:
    """The modules of one version of a package, which keep the names they import each other by.

    Two versions can live beside each other only outside ``sys.modules``.  Each is put there for as
    long as its code runs, because that may import from its package at any time.
    """

    package: str
    seen: set[str]
    held: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def in_place(self, directory: Path | None = None) -> Iterator[None]:
        """Imports of the package are these; at first from ``directory``."""
        current = self._taken_out()
        sys.modules.update(self.held)
        count = len(sys.modules)
        try:
            if directory is None:
                yield
            else:
                with _first_on_the_path(directory):
                    _import(self.package)
                    yield
        finally:
            if len(sys.modules) != count:
                self.seen.update(_names(self.package))
            self.held = self._taken_out()
            sys.modules.update(current)

    def _taken_out(self) -> dict[str, Any]:
        # By known names: to look through all that is loaded takes longer than a small engine.
        return {name: sys.modules.pop(name) for name in self.seen if name in sys.modules}


class EngineApart:
    """An engine whose calls run among its own modules."""

    def __init__(self, engine: Any, own: Modules) -> None:
        self.own = own
        for method in METHODS:
            if not missing(engine, (method,)):
                setattr(self, method, self._among(getattr(engine, method)))

    def _among(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            with self.own.in_place():
                return function(*arguments)

        return call

    def beside(self, current: Any) -> "EngineApart":
        """The current engine behind calls of the same cost, so that times can be compared."""
        package, seen = self.own.package, self.own.seen
        seen.update(_names(package))
        held = {name: sys.modules[name] for name in _names(package)}
        return EngineApart(current, Modules(package=package, seen=seen, held=held))


@contextmanager
def _first_on_the_path(directory: Path) -> Iterator[None]:
    sys.path.insert(0, str(directory))
    invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(directory))


def _import(package: str) -> None:
    try:
        import_module(package)
    except ImportError:
        raise
    except Exception as error:
        raise ImportError(f"{package} cannot be imported: {error}") from error


def _names(package: str) -> list[str]:
    """The loaded modules of a package."""
    return [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
