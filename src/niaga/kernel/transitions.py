"""Tables of legal state changes: state -> the states that may follow."""

from collections.abc import Mapping

type Transitions = Mapping[str, frozenset[str]]


def table(**rows: str) -> Transitions:
    """Return a table from `state="next other"` rows; every state named must have a row.

    Raises:
        ValueError: a row leads to a state that has no row.
    """
    made = {state: frozenset(followers.split()) for state, followers in rows.items()}
    for state, followers in made.items():
        if unknown := followers - made.keys():
            raise ValueError(f"{state} leads to unknown states {sorted(unknown)}")
    return made


def mermaid(transitions: Transitions) -> str:
    """Return the table as a Mermaid state diagram; its first state is where a thing begins."""
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(transitions))}"]
    for state, followers in transitions.items():
        lines += [f"    {state} --> {follower}" for follower in sorted(followers)]
        if not followers:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)
