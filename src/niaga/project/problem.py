"""What stops a program of ours before it has begun, told to the person at the terminal."""

from dataclasses import dataclass


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - told to a person, not to a programmer
    """Something in the machine's state stands in the way.

    Attributes:
        what: one sentence that says what is wrong.
        way_out: what the reader can do about it.
    """

    what: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.what}\n{self.way_out}"
