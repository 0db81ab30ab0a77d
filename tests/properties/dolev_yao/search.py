"""The search: every run of a few sessions, phase by phase, with the intruder in between.

**Bound.** `Bound(buyers, merchants, requests)`: sessions of `B`, sessions of `M`, requests that `G`
admits. The intruder's own sessions are not counted; his inventions draw on the names in play (each
xid of `M` and one of his own, two amounts, both gateways, each order and one of his own).

**Phases.** Offers -> buyers sign -> merchants accept -> gateway admits -> merchants believe ->
buyers believe. Nothing is lost by going in this order: a step takes only messages of earlier
phases' kinds, kinds cannot be confused, and what the intruder knows only grows; so any run can be
re-ordered into this one with each party's own steps in their order.

**Pruning.** The intruder does not send what is certain to be refused, nor a payment half that the
gateway would refuse once opened (it would answer nothing he does not know).

**Claims**, checked in every state, are Lowe's injective agreements on `Agreed` = (xid, buyer,
merchant, gateway, amount, order): whenever one party commits, the other ran with the same values,
and no run of the other serves for two commitments:

- `gateway-buyer`: G holds B's money only as B signed, whoever the merchant is;
- `merchant-gateway`: M believes in an approval by G only as G approved, whoever the buyer is;
- `merchant-buyer`: M believes that B pays only as B signed, if G is its gateway;
- `buyer-gateway`: B's wallet says "paid" only as G approved;
- `buyer-merchant`: and, if it is M, only as M believes it;
- `secrecy`: the intruder learns B's instrument only if B signed for the rogue gateway.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

from tests.properties.dolev_yao import model
from tests.properties.dolev_yao.model import (
    CARD,
    Agreed,
    Answer,
    B,
    C,
    Dual,
    G,
    M,
    Offer,
    Receipt,
    Request,
    Response,
    Seal,
    Spec,
    X,
    Y,
)

AMOUNTS = (1, 2)
OWN_XID, OWN_ORDER, OWN_NONCE = "xid of Y", "order of Y", "nonce of C"


class Bound(NamedTuple):
    """How many sessions of each honest party a run may have."""

    buyers: int
    merchants: int
    requests: int


class Attack(NamedTuple):
    """A run in which a claim fails, in the order of its steps."""

    claim: str
    run: tuple[str, ...]


class Signed(NamedTuple):
    """A session of B: the offer believed, what was signed, and whom the seal is for."""

    offer: Offer
    dual: Dual

    @property
    def agreed(self) -> Agreed:
        """On what the buyer wants agreement."""
        offer = self.offer
        return Agreed(offer.xid, B, offer.merchant, offer.gateway, offer.amount, offer.order)


class Accepted(NamedTuple):
    """A session of M that sent its request."""

    offer: Offer
    request: Request

    @property
    def agreed(self) -> Agreed:
        """On what the merchant wants agreement."""
        offer = self.offer
        buyer = self.request.dual.buyer
        return Agreed(offer.xid, buyer, M, offer.gateway, offer.amount, offer.order)


@dataclass(frozen=True)
class State:
    """What has happened so far."""

    offers: tuple[Offer, ...] = ()
    signed: tuple[Signed, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    admitted: tuple[Request, ...] = ()
    believed: tuple[tuple[Accepted, Response], ...] = ()
    paid: tuple[Signed, ...] = ()

    def seals(self) -> Iterator[Seal]:
        """Yield the seals that B made."""
        for session in self.signed:
            yield Seal(session.offer.key, session.dual, session.dual.payment_half)

    def is_known(self, dual: Dual) -> bool:
        """Return whether the intruder knows the payment half of one of B's signatures."""
        return any(seal.bound_to == dual and seal.key == X for seal in self.seals())

    def seal_for(self, key: str, dual: Dual) -> Seal | None:
        """Return `dual`'s payment half sealed to `key`, if the intruder has or can make it."""
        wanted = Seal(key, dual, dual.payment_half)
        has_it = dual.buyer == C or self.is_known(dual) or wanted in self.seals()
        return wanted if has_it else None


@dataclass
class Search:
    """One search; `explored` counts the states it went through, `completed` the honest ends."""

    spec: Spec
    bound: Bound
    explored: int = 0
    completed: int = 0
    xids: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.xids = tuple(f"xid {i}" for i in range(self.bound.merchants))

    def run(self) -> Attack | None:
        """Return an attack within the bound, or None."""
        phases = (self.offer, self.buyers_sign, self.merchants_accept, self.gateway_admits,
                  self.merchants_believe, self.buyers_believe)  # fmt: skip
        return self._from(State(), phases)

    def _from(self, state: State, phases: tuple) -> Attack | None:
        self.explored += 1
        claim = violated(state)
        if claim:
            return Attack(claim, tuple(told(state)))
        if not phases:
            self.completed += any(s.offer.merchant == M for s in state.paid)
            return None
        for following in phases[0](state):
            attack = self._from(following, phases[1:])
            if attack:
                return attack
        return None

    # ---- phases ----

    def offer(self, state: State) -> Iterator[State]:
        """M offers, to whoever asks (every n_c is public), with either gateway."""
        nonces = [f"nonce {i}" for i in range(self.bound.buyers)] + [OWN_NONCE]
        each = [
            [
                Offer(M, xid, n_c, gateway, gateway, AMOUNTS[0], f"order {i}")
                for n_c, gateway in product(nonces, (G, X))
            ]
            for i, xid in enumerate(self.xids)
        ]
        for offers in product(*each):
            yield replace(state, offers=offers)

    def buyers_sign(self, state: State) -> Iterator[State]:
        """Each session of B believes one offer, of M or of the intruder's merchant, or none."""
        each = []
        for i in range(self.bound.buyers):
            n_c = f"nonce {i}"
            invented = (
                Offer(Y, xid, n_c, gateway, key, amount, OWN_ORDER)
                for xid, gateway, key, amount in product(
                    (*self.xids, OWN_XID), (G, X), (G, X), AMOUNTS
                )
            )
            offers = [*(o for o in state.offers if o.n_c == n_c), *invented]
            options = [
                Signed(o, model.sign(self.spec, B, o, f"B{i}", o.order))
                for o in offers
                if model.wallet_accepts(self.spec, o)
            ]
            each.append([*options, None])
        for chosen in product(*each):
            yield replace(state, signed=tuple(s for s in chosen if s))

    def merchants_accept(self, state: State) -> Iterator[State]:
        """Each session of M takes one payment request, of B or of the intruder's buyer, or none."""
        each = []
        for offer in state.offers:
            duals = [s.dual for s in state.signed] + [
                model.sign(self.spec, C, offer, f"C for {offer.xid}", order)
                for order in {offer.order, OWN_ORDER}
            ]
            options = [self._accept(state, offer, dual) for dual in duals]
            each.append([*(found for found in options if found), None])
        for chosen in product(*each):
            yield replace(state, accepted=tuple(a for a in chosen if a))

    def _accept(self, state: State, offer: Offer, dual: Dual) -> Accepted | None:
        seal = state.seal_for(offer.key, dual)
        if seal is None or not model.merchant_accepts(self.spec, offer, dual, seal):
            return None
        return Accepted(offer, Request(M, offer.gateway, offer.xid, dual, seal, offer.amount))

    def gateway_admits(self, state: State) -> Iterator[State]:
        """G admits requests of M as sent, and any that the intruder's merchant can make."""
        offered = list(dict.fromkeys([*self._asked(state), *self._invented(state)]))
        good = [r for r in offered if model.gateway_accepts(self.spec, G, r)]
        yield from self._admit(state, good, self.bound.requests)

    def _admit(self, state: State, good: list[Request], left: int) -> Iterator[State]:
        yield state
        if not left:
            return
        seen = {(r.merchant, r.xid) for r in state.admitted}
        for request in good:
            if self.spec.is_single_use and (request.merchant, request.xid) in seen:
                continue
            yield from self._admit(
                replace(state, admitted=(*state.admitted, request)), good, left - 1
            )

    def _asked(self, state: State) -> Iterator[Request]:
        return (session.request for session in state.accepted)

    def _invented(self, state: State) -> Iterator[Request]:
        own = Offer(Y, OWN_XID, OWN_NONCE, G, G, AMOUNTS[0], OWN_ORDER)
        duals = [s.dual for s in state.signed]
        duals += [
            model.sign(self.spec, C, own._replace(xid=xid), f"C for Y, {xid}", OWN_ORDER)
            for xid in (*self.xids, OWN_XID)
        ]
        for dual in duals:
            seal = state.seal_for(G, dual)
            xids = [dual.offer.xid] if dual.offer else [*self.xids, OWN_XID]
            for xid in xids if seal else []:
                assert seal
                yield Request(Y, G, xid, dual, seal, dual.amount)

    def merchants_believe(self, state: State) -> Iterator[State]:
        """Each session of M takes one answer, of G or of the intruder's gateway, or none."""
        answers = [model.answer(self.spec, request) for request in state.admitted]
        each = []
        for session in state.accepted:
            request = session.request
            found = answers if request.gateway == G else [model.answer(self.spec, request)]
            options = [
                (session, response)
                for response in found
                if model.response_accepted(self.spec, session.offer, request, response)
            ]
            each.append([*options, None])
        for chosen in product(*each):
            yield replace(state, believed=tuple(b for b in chosen if b))

    def buyers_believe(self, state: State) -> Iterator[State]:
        """Each session of B that can be told "paid" is told so."""
        paid = tuple(s for s in state.signed if any(self._told_paid(state, s)))
        yield replace(state, paid=paid)

    def _told_paid(self, state: State, session: Signed) -> Iterator[bool]:
        offer, dual = session.offer, session.dual
        for receipt in self._receipts(state, session):
            told_by_m = [
                Answer(M, a.offer.n_c, a.offer.xid, a.request.dual, response.receipt)
                for a, response in state.believed
            ]
            invented = [Answer(Y, offer.n_c, offer.xid, dual, receipt)]
            for message in told_by_m if offer.merchant == M else invented:
                yield model.buyer_believes(self.spec, offer, dual, message)

    def _receipts(self, state: State, session: Signed) -> Iterator[Receipt]:
        for request in state.admitted:
            yield model.answer(self.spec, request).receipt
        offer = session.offer
        if offer.gateway == X:
            yield Receipt(X, B, offer.xid, session.dual, offer.merchant, offer.amount, offer.order)


# ---- claims ----


def admitted_as(request: Request) -> Agreed:
    """Return on what the gateway wants agreement."""
    half = request.dual.payment_half
    return Agreed(request.xid, request.dual.buyer, request.merchant, G, request.amount, half.order)


def exceeds(commitments: Iterable[Agreed], runs: Iterable[Agreed]) -> bool:
    """Return whether some commitment has no run of its own with the same values."""
    return bool(Counter(commitments) - Counter(runs))


def violated(state: State) -> str | None:
    """Return the claim that fails in `state`, or None."""
    signed = [s.agreed for s in state.signed]
    admitted = [admitted_as(r) for r in state.admitted]
    # The gateway's view of the buyer's order is the payment half's, which an honest B fills alike.
    if exceeds((a for a in admitted if a.buyer == B), signed):
        return "gateway-buyer"
    believed = [session.agreed for session, _ in state.believed]
    by_g = [agreed for agreed in believed if agreed.gateway == G]
    if exceeds(by_g, admitted):
        return "merchant-gateway"
    if exceeds((a for a in by_g if a.buyer == B), signed):
        return "merchant-buyer"
    paid = [s.agreed for s in state.paid]
    if exceeds((p for p in paid if p.gateway == G), admitted):
        return "buyer-gateway"
    if exceeds((p for p in paid if p.merchant == M), believed):
        return "buyer-merchant"
    leaked = any(state.is_known(s.dual) and s.offer.gateway != X for s in state.signed)
    return "secrecy" if leaked else None


def told(state: State) -> Iterator[str]:
    """Yield the steps of a run in words."""
    for offer in state.offers:
        yield f"M offers {offer.xid} for {offer.n_c} through {offer.gateway}"
    for s in state.signed:
        o = s.offer
        yield f"B signs {o.xid} of {o.merchant}, {o.amount}, for {o.gateway}, key of {o.key}"
    for a in state.accepted:
        yield f"M asks {a.request.gateway} for {a.offer.xid}, paid by {a.request.dual.buyer}"
    for r in state.admitted:
        yield f"G holds {r.amount} of {CARD[r.dual.buyer]} for {r.merchant}, {r.xid}"
    for a, _ in state.believed:
        yield f"M believes that {a.offer.xid} is approved"
    for s in state.paid:
        yield f"B believes that {s.offer.xid} is paid"
