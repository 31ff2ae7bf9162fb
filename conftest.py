"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE.

HYPOTHESIS_EXAMPLES names a directory in which the deep profile keeps the examples it has found,
for several processes and machines to share.  What is in it decides what is tried, so it must be
one that only your own machines write.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

settings.register_profile("dev", max_examples=20, deadline=None)
# CI must give the same answer twice: no random seed, no example database, no clock.
settings.register_profile(
    "ci",
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# Coverage asks what is reached, not how often; measuring more than doubles the time of a test.
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)
settings.register_profile("deep", max_examples=5000, deadline=None)
if shared := os.environ.get("HYPOTHESIS_EXAMPLES"):
    examples = DirectoryBasedExampleDatabase(shared)
    settings.register_profile("deep", settings.get_profile("deep"), database=examples)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
