"""What one entry of a database passed and failed."""
from collections import Counter
from contextlib import contextmanager


class Score:
    """Counts for one entry: `tried` and `passed` by check ("value", "gradient", ...), and every failure's text."""

    def __init__(self, name):
        self.name = name
        self.tried, self.passed = Counter(), Counter()
        self.failures = []                                                    # (check, sample, what went wrong)

    @contextmanager
    def check(self, check, sample):
        """Count the block as one try of `check`, which passes if nothing is raised."""
        self.tried[check] += 1
        try:
            yield
        except Exception as error:  # noqa: BLE001 - any error is a difference to report
            self.failures.append((check, sample, f"{type(error).__name__}: {error}"))
        else:
            self.passed[check] += 1

    @property
    def complete(self):
        """Everything tried has passed, and something was tried."""
        return bool(self.tried) and self.passed == self.tried
