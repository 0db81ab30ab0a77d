/*
 * A purchase: believe an offer, sign it, believe the answer.
 *
 * The same checks in the same order as niaga/protocol/wallet.py, against which this is tested.
 */
import { protocol } from "../protocol.js";
import { Refused, require } from "../refused.js";
import * as x509 from "../formats/x509.js";
import { random, sha256, toBase64url, utf8 } from "../formats/bytes.js";
import { write } from "../formats/json.js";
import * as schema from "../formats/schema.js";
import { checkLive, digestOf, open, sealPadded, sign } from "./envelope.js";

const RESULT_OF = { paid: "approved", declined: "declined", pending: "pending" };
const sameAmount = (a, b) => a.currency === b.currency && a.minor === b.minor;

/** The question for an offer to a card of `brand`. */
export const ask = (brand) => ({ n_c: toBase64url(random(16)), brand });

/** The offer that the site at `origin` made in answer to `asked`, all verified. */
export async function verifyOffer(answer, { asked, origin, trust, now }) {
  const told = schema.read("OfferAnswer", answer);
  const offer = await open("Offer", told.offer, { trust, now });
  const checkout = await open("Checkout", told.checkout_jwt, { trust, now });
  const { message: terms, identity: merchant } = offer;
  const order = checkout.message;
  checkLive(terms.exp, now);
  require(terms.iss === origin, "origin");
  require(terms.n_c === asked.n_c, "n_c");
  require(merchant.brand === asked.brand, "brand");
  require(checkout.identity.thumbprint === merchant.thumbprint, "checkout signer");
  require(order.xid === terms.xid, "xid");
  require(checkout.digest === terms.checkout_hash, "checkout_hash");
  require(order.payee === merchant.name, "payee");
  require(sameAmount(order.amount, terms.amount), "amount", "amount_mismatch");
  const total = order.lines.reduce((sum, line) => sum + line.total_minor, 0);
  require(total === terms.amount.minor, "sum of the lines", "amount_mismatch");
  const { gateway, gatewayKey } = await verifyGateway(told, terms.gw, trust, now);
  require([gateway, gatewayKey].every((it) => it.brand === merchant.brand), "gateway's brand");
  return { answer: told, offer, checkout, merchant, gateway, gatewayKey };
}

async function verifyGateway(told, named, trust, now) {
  const verify = (x5c, use) =>
    x509.verifyChain(x509.readChain(x5c), { role: "gateway", use, trust, now });
  const gateway = await verify(told.gw_sig_x5c, "sign");
  const gatewayKey = await verify(told.gw_enc_x5c, "encrypt");
  require(gateway.subject === named.id && gatewayKey.subject === named.id, "gw.id");
  require(`${named.url}/`.startsWith(`${named.id}/`), "gw.url");
  require(gateway.thumbprint === named.sig_x5t, "gw.sig_x5t");
  require(gatewayKey.thumbprint === named.enc_x5t, "gw.enc_x5t");
  return { gateway, gatewayKey };
}

const disclose = (record, value) =>
  toBase64url(write([toBase64url(random(16)), schema.read(record, value)]));
const hide = async (disclosure) => ({ "...": toBase64url(await sha256(utf8(disclosure))) });

/** The dual signature over a verified offer, to be paid by `card`; `ds_hash` is the challenge. */
export async function signPurchase({ offer, checkout, merchant }, card, now) {
  const terms = offer.message;
  checkLive(terms.exp, now);
  const oi = disclose("CheckoutMandate", {
    vct: "mandate.checkout.1",
    checkout_jwt: checkout.text,
    checkout_hash: terms.checkout_hash,
  });
  const paymentHalf = disclose("PaymentMandate", {
    vct: "mandate.payment.1",
    transaction_id: terms.checkout_hash,
    payee: { id: terms.iss, name: merchant.name },
    payment_amount: terms.amount,
    payment_instrument: card.instrument,
  });
  const seconds = Math.floor(now / 1000);
  const statement = {
    _sd_alg: "sha-256",
    delegate_payload: [await hide(oi), await hide(paymentHalf)],
    xid: terms.xid,
    offer_hash: offer.digest,
    aud: [terms.iss, terms.gw.id],
    merchant_x5t: merchant.thumbprint,
    gw: { id: terms.gw.id, enc_x5t: terms.gw.enc_x5t },
    amount: terms.amount,
    n_c: terms.n_c,
    n_m: terms.n_m,
    iat: seconds,
    exp: seconds + protocol.lifetime_s,
  };
  const ds = await sign("DualSignature", statement, card);
  return { ds, dsHash: await digestOf(ds), oi, paymentHalf, until: statement.exp };
}

/** PReq: the payment half and the passkey's assertion, sealed to the gateway and to `signed`. */
export async function sealPurchase(signed, { offer, gatewayKey }, sca) {
  const instruction = sca ? { disclosure: signed.paymentHalf, sca } : { disclosure: signed.paymentHalf };
  const pi = await sealPadded("PaymentInstruction", instruction, protocol.pi_bytes, gatewayKey, {
    apu: offer.message.xid,
    apv: signed.dsHash,
  });
  return schema.read("PaymentRequest", { ds: signed.ds, oi: signed.oi, pi });
}

/**
 * The merchant's answer (PRes) to `purchase`, and the gateway's receipt if there is one; only after
 * this may a page say "paid". `purchase` is `{ terms, merchantX5t, buyer, dsHash }`.
 */
export async function verifyAnswer(text, purchase, { trust, now }) {
  const response = await open("PaymentResponse", text, { trust, now });
  const { terms } = purchase;
  const said = response.message;
  require(said.iss === terms.iss, "iss");
  require(said.aud === purchase.buyer, "aud");
  require(said.xid === terms.xid, "xid");
  require(said.n_c === terms.n_c, "n_c");
  require(said.ds_hash === purchase.dsHash, "ds_hash");
  if (said.receipt === undefined) {
    if (said.status === "paid") throw new Refused("schema_invalid", "paid, without a receipt");
    return { response, receipt: null };
  }
  const receipt = await verifyReceipt(said.receipt, purchase, { trust, now });
  const expected = RESULT_OF[said.status];
  require(!expected || receipt.message.result === expected, "status");
  return { response, receipt };
}

async function verifyReceipt(text, { terms, merchantX5t, buyer, dsHash }, { trust, now }) {
  const receipt = await open("Receipt", text, { trust, now });
  const said = receipt.message;
  require(said.iss === terms.gw.id, "receipt iss");
  require(said.aud === buyer, "receipt aud");
  require(said.xid === terms.xid, "receipt xid");
  require(said.ds_hash === dsHash, "receipt ds_hash");
  require(said.merchant === terms.iss, "receipt merchant");
  require(said.merchant_x5t === merchantX5t, "receipt merchant_x5t");
  require(said.checkout_hash === terms.checkout_hash, "receipt checkout_hash");
  require(sameAmount(said.amount, terms.amount), "receipt amount");
  require((said.result === "approved") === (said.auth_id !== undefined), "receipt auth_id");
  require(said.reason === undefined || said.result === "declined", "receipt reason");
  return receipt;
}
