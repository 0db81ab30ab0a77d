/*
 * Payments, from offer to receipt.
 *
 * A signature is made once for each purchase (xid): the request is written down before it is sent,
 * and whatever interrupts it (reload, second tab, lost answer), the same bytes are sent again.
 */
import * as authority from "./authority.js";
import { call, post } from "./http.js";
import * as passkey from "./passkey.js";
import { Refused } from "./refused.js";
import * as store from "./store.js";
import { fromBase64url } from "./formats/bytes.js";
import { readObject } from "./formats/json.js";
import * as x509 from "./formats/x509.js";
import { open } from "./protocol/envelope.js";
import * as purchase from "./protocol/purchase.js";
import { liveTrust, pastTrust, thumbprintOf } from "./protocol/trust.js";

export const SETTLED = new Set(["paid", "declined", "voided", "expired", "refused"]);
/** Whether a payment is paid or may still become so: no other is signed beside it. */
export const isAlive = ({ state }) => state === "paid" || !SETTLED.has(state);
const trustNow = () => liveTrust(authority.statusList);

/** The address of a payment at its merchant, from what the shop's link says. */
export function paymentUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "https:" || url.username || url.password || url.search || url.hash) {
    throw new Refused("link_invalid", "not the address of a payment");
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

/** A verified offer of the payment at `url` for a card of `brand`, with the trust it was judged by. */
export async function fetchOffer(url, brand) {
  const asked = purchase.ask(brand);
  const answer = await post(`${url}offer`, asked);
  const trust = trustNow();
  const origin = new URL(url).origin;
  const verified = await purchase.verifyOffer(answer, { asked, origin, trust, now: Date.now() });
  return { ...verified, url, statuses: trust.used };
}

/**
 * Sign an offer with `card`, ask for the passkey, write the request down. Returns the payment as
 * kept; one that was signed before at this address, in another tab too, is returned instead.
 */
export async function sign(offer, card) {
  return navigator.locks.request(`sign ${offer.url}`, async () => {
    const before = (await store.paymentsAt(offer.url)).find(isAlive);
    if (before) return before;
    const trust = trustNow();
    await x509.verifyChain(x509.readChain(card.x5c), {
      role: "cardholder", use: "sign", trust, now: Date.now(),
    }).catch((error) => {
      throw error.code?.startsWith("certificate_") ? new Refused("card_withdrawn") : error;
    });
    // A passkey that was declined may be tried again: for the signature that is there already.
    offer.signed ??= await purchase.signPurchase(offer, card, Date.now());
    const sca = await passkey.confirm(card.passkeyId, offer.signed.dsHash);
    const request = await purchase.sealPurchase(offer.signed, offer, sca);
    const statuses = { ...offer.statuses, ...trust.used };
    const payment = await describe({ ...offer, statuses }, card, offer.signed, request);
    await store.addPayment(payment);
    await store.keepCard({ ...(await store.card(card.id)), usedAt: Date.now() });
    return payment;
  });
}

async function describe(offer, card, signed, request) {
  return {
    xid: offer.offer.message.xid,
    url: offer.url,
    state: "signed",
    signedAt: Date.now(),
    until: signed.until * 1000,
    cardId: card.id,
    cardLabel: card.label,
    order: offer.checkout.message,
    terms: offer.offer.message,
    merchant: offer.merchant.name,
    merchantX5t: offer.merchant.thumbprint,
    buyer: await thumbprintOf(card.x5c[0]),
    dsHash: signed.dsHash,
    paymentHalf: signed.paymentHalf,
    offerAnswer: offer.answer,
    request: JSON.stringify(request),
    statuses: offer.statuses,
  };
}

/** Send the request of a payment just signed; returns the payment with what became of it. */
export const send = (payment) => within(payment, deliver);

/** Ask what became of a payment, and send it again (the same bytes) if the merchant has not got it. */
export const settle = (payment) => within(payment, async (current) => {
  try {
    return await answered(current, await call(`${current.url}status`));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
  }
  if (Date.now() >= current.until) return change(current, { state: "expired" });
  return deliver(current);
});

async function within(payment, work) {
  return navigator.locks.request(`payment ${payment.xid}`, async () => {
    const current = await store.payment(payment.xid);
    return SETTLED.has(current.state) ? current : work(current);
  });
}

async function deliver(payment) {
  let text;
  try {
    text = await call(payment.url, { method: "POST", body: payment.request });
  } catch (error) {
    const refused = error instanceof Refused && error.status >= 400 && error.status < 500;
    if (!refused || error.status === 429) throw error;
    return change(payment, { state: "refused", code: error.code });
  }
  return answered(payment, text);
}

async function answered(payment, text) {
  const trust = trustNow();
  const { response } = await purchase.verifyAnswer(text, payment, { trust, now: Date.now() });
  return change(payment, {
    state: response.message.status,
    orderId: response.message.order_id,
    answer: text,
    answeredAt: Date.now(),
    statuses: { ...payment.statuses, ...trust.used },
  });
}

async function change(payment, changes) {
  const changed = { ...payment, ...changes };
  await store.changePayment(changed);
  return changed;
}

/**
 * Judge what is kept of a payment anew, without asking anyone: the checks by name, each true or
 * false. Certificates are judged as of then, by the status lists of then.
 */
export async function recheck(payment) {
  const trust = pastTrust(payment.statuses);
  const at = (now) => ({ trust, now });
  const { offer, checkout_jwt: checkout } = payment.offerAnswer;
  return {
    offer: await holds(() => open("Offer", offer, at(payment.signedAt))),
    order: await holds(async () => {
      const { digest } = await open("Checkout", checkout, at(payment.signedAt));
      if (digest !== payment.terms.checkout_hash) throw new Refused("mismatch");
    }),
    consent: await holds(async () => {
      const { ds } = readObject(new TextEncoder().encode(payment.request));
      const { digest, identity } = await open("DualSignature", ds, at(payment.signedAt));
      if (digest !== payment.dsHash || identity.thumbprint !== payment.buyer) throw new Refused("mismatch");
    }),
    ...(payment.answer && {
      answer: await holds(() => purchase.verifyAnswer(payment.answer, payment, at(payment.answeredAt))),
    }),
  };
}

async function holds(check) {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}

/** What the gateway's receipt says, from a payment whose answer was verified when it was kept. */
export function receiptOf(payment) {
  if (!payment.answer) return null;
  const { receipt } = payloadOf(payment.answer);
  return receipt ? { ...payloadOf(receipt), text: receipt } : null;
}

const payloadOf = (token) => readObject(fromBase64url(token.split(".")[1]));
