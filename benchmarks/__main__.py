"""`make bench`: every figure that the project states. `python -m benchmarks NAME ...` runs some of them."""

import importlib
import pkgutil
import sys
import time
from pathlib import Path


def names() -> list[str]:
    """The benchmarks there are: each module here with a `main`."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_"))


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - set(names())
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
    for name in wanted or names():
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"== {name}: {str(module.__doc__).splitlines()[0]}", flush=True)
        began = time.perf_counter()
        module.main()
        print(f"   ({time.perf_counter() - began:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
