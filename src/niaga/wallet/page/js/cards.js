/* Cards of this wallet: enrolled once, renewed silently, removed at will. */
import * as authority from "./authority.js";
import { digits, expiryMonth } from "./card.js";
import * as passkey from "./passkey.js";
import * as store from "./store.js";
import * as enrolment from "./protocol/enrolment.js";
import { liveTrust } from "./protocol/trust.js";

const RENEW_BEFORE_MS = 10 * 24 * 3600 * 1000;
const now = () => ({ trust: liveTrust(authority.statusList), now: Date.now() });

export const isExpired = (card) => card.notAfter <= Date.now();

/**
 * Enrol the card on the form: `told(step)` hears "key", "passkey", "confirm", "bank" as they begin.
 * The card's number leaves this function only sealed to its issuer, and is kept nowhere.
 */
export async function enrol({ number, expiry, cvc, holder }, told) {
  told("key");
  const prepared = await enrolment.prepare(await authority.challenge(), now());
  told("passkey");
  const key = await passkey.create(`•••• ${digits(number).slice(-4)}`);
  told("confirm");
  const sca = await passkey.confirm(key.id, prepared.challenge);
  told("bank");
  const cardData = {
    pan: digits(number), expiry: expiryMonth(expiry), cvc, holder: holder.trim(),
  };
  const request = await enrolment.request(prepared, cardData, key, sca);
  const accepted = await enrolment.accept(await authority.enrol(request), prepared.keys, now());
  const card = {
    ...accepted,
    label: accepted.label.replaceAll("*", "•"),
    id: accepted.instrument.id,
    privateKey: prepared.keys.privateKey,
    passkeyId: key.id,
    enrolledAt: Date.now(),
    usedAt: Date.now(),
  };
  await store.keepCard(card);
  return card;
}

/** Renew the certificates that end soon; one that can't be renewed now is left for another day. */
export async function renewDue() {
  for (const { id, notAfter } of await store.cards()) {
    const left = notAfter - Date.now();
    if (left > 0 && left < RENEW_BEFORE_MS) {
      await navigator.locks.request(`renew ${id}`, () => renew(id)).catch(() => {});
    }
  }
}

async function renew(id) {
  const card = await store.card(id);
  if (card.notAfter - Date.now() >= RENEW_BEFORE_MS) return; // another tab did it
  const { keys, text } = await enrolment.prepareRenewal(await authority.challenge(), card, Date.now());
  const renewed = await enrolment.acceptRenewal(await authority.renew(text), keys, card, now());
  await store.keepCard({ ...card, ...renewed, privateKey: keys.privateKey });
}
