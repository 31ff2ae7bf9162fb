"""The command's start: ``python -m derivations``, and what the gradproof script calls."""

import signal


def start() -> None:
    """While modules are loaded nothing is begun, and an interrupt ends the process as it is."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from .cli import main
    finally:
        signal.signal(signal.SIGINT, before)
    main()


if __name__ == "__main__":
    start()
