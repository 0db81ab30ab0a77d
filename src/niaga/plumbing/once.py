"""Idempotency: the same key and the same body run a command once; another body is refused."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing import outbox
from niaga.plumbing.command import in_one_transaction
from niaga.plumbing.writes import Write, later, prepared_cursor


@dataclass(eq=False)
class KeyReused(Refusal):
    """The key was used before with a different body."""

    code: ClassVar[str] = "key_reused"
    key: str


def fingerprint(body: dict[str, Any]) -> str:
    """Return SHA-256 over the body as canonical JSON (sorted keys, no spaces), in hex."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def once[R](
    *, key: str, of: Callable[..., R], result: type[R], actor: Actor, body: dict[str, Any]
) -> R:
    """Run the command `of(actor=actor, **body)` once per (actor, command, key).

    The key, the body's fingerprint and the result (a flat dataclass) commit with the work. A
    second call with the same body returns the first result without running anything; while the
    first still runs, the second waits for it (PostgreSQL's unique index does the waiting).

    Raises:
        KeyReused: same key, other body.
        Refusal: whatever the command refuses; the key is then free again.
    """
    name = of.__name__
    mark = fingerprint(body)

    def work() -> R:
        with prepared_cursor() as cursor:
            cursor.execute(
                "INSERT INTO plumbing_oncerecord (actor, command, key, fingerprint, created_at) "
                "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
                [actor.key, name, key, mark, clock.now()],
            )
            fresh = cursor.fetchone()
        if fresh is None:
            return _earlier(result, actor, name, key, mark)
        outcome = of(actor=actor, **body)
        answer = json.dumps(asdict(outcome), default=str)  # type: ignore[call-overload]
        later(
            Write(
                "UPDATE plumbing_oncerecord SET result = %s::jsonb WHERE id = %s",
                [answer, fresh[0]],
                changes="plumbing_oncerecord",
                rows=1,
            )
        )
        return outcome

    return in_one_transaction(work)


def _earlier[R](result: type[R], actor: Actor, name: str, key: str, mark: str) -> R:
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT fingerprint, result FROM plumbing_oncerecord "
            "WHERE actor = %s AND command = %s AND key = %s",
            [actor.key, name, key],
        )
        row = cursor.fetchone()
    assert row is not None
    if row[0] != mark:
        raise KeyReused(key)
    values: dict[str, Any] = row[1] if isinstance(row[1], dict) else json.loads(row[1])
    return outbox.rebuild(result, values)
