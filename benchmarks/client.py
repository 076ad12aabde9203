"""Start of the command line client: `python -m benchmarks.client`. Seconds of processor, the best of ten.

With GAZETTEER_TOKEN and GAZETTEER_URL in the environment, a comparison with that server as well.
"""

import os
import resource
import subprocess
import sys

EXAMPLE = "docs/examples/court-proceedings"
CALLS = [["--version"], ["--help"], ["lint", EXAMPLE]]


def cost(arguments: list[str]) -> float:
    """Return the seconds of processor that one call takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "gazetteer", *arguments], check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


calls = (
    [*CALLS, ["diff", EXAMPLE, "--fail-on", "never"]] if "GAZETTEER_TOKEN" in os.environ else CALLS
)
for call in calls:
    print(f"gazetteer {' '.join(call)}: {min(cost(call) for _ in range(10)) * 1000:.0f} ms")
