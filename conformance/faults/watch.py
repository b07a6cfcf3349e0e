"""How long a search has taken, by the thread's own time: what else runs, here or on the machine, must not decide what is found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Watch:
    """Started when it is made.

    Asking for the thread's time takes up to a millisecond in some sandboxes. It cannot be more than passes on the wall, so it is asked
    for only when it could be over.
    """

    _started: float = field(default_factory=time.thread_time)
    _not_before: dict[float, float] = field(default_factory=dict)

    def over(self, seconds: float) -> bool:
        """Whether so much time was spent."""
        now = time.perf_counter()
        if now < self._not_before.get(seconds, now):
            return False
        left = seconds - (time.thread_time() - self._started)
        self._not_before[seconds] = now + left
        return left <= 0
