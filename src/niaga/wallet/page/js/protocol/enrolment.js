/* From a card to a certificate, and from a certificate to the next one. */
import { protocol } from "../protocol.js";
import { require } from "../refused.js";
import { fromBase64url, sha256, toBase64url } from "../formats/bytes.js";
import { makeRequest } from "../formats/csr.js";
import * as es256 from "../formats/es256.js";
import * as schema from "../formats/schema.js";
import * as x509 from "../formats/x509.js";
import { checkLive, sealPadded, sign } from "./envelope.js";

/** A new key and the request for its certificate; `challenge` is what the passkey must sign. */
export async function prepare(answer, { trust, now }) {
  const { nonce, exp, issuer_x5c: x5c } = schema.read("EnrolmentChallenge", answer);
  checkLive(exp, now);
  const issuer = await x509.verifyChain(
    x509.readChain(x5c), { role: "gateway", use: "encrypt", trust, now },
  );
  const keys = await es256.newKey();
  const csr = await makeRequest(keys, nonce);
  return { keys, csr, issuer, challenge: toBase64url(await sha256(fromBase64url(csr))) };
}

/** The request: the card sealed to its issuer and bound to this key, the passkey's assertion. */
export async function request({ csr, issuer, challenge }, cardData, passkey, sca) {
  const card = await sealPadded("CardData", cardData, protocol.card_bytes, issuer, { apv: challenge });
  return schema.read("EnrolmentRequest", { csr, card, passkey, sca });
}

/** The card to keep: the authority's answer, checked to be for `keys`. */
export async function accept(answer, keys, { trust, now }) {
  const told = schema.read("EnrolmentAnswer", answer);
  const chain = await checkOwn(told.x5c, keys, { trust, now });
  return { ...told, notAfter: chain[0].notAfter, brand: chain[2].name.commonName };
}

async function checkOwn(x5c, keys, { trust, now }) {
  const chain = x509.readChain(x5c);
  await x509.verifyChain(chain, { role: "cardholder", use: "sign", trust, now });
  const own = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  require(toBase64url(own) === toBase64url(chain[0].key), "key");
  return chain;
}

/** A new key and the request, signed by the old one, to certify it in the same name. */
export async function prepareRenewal({ nonce }, card, now) {
  const keys = await es256.newKey();
  const csr = await makeRequest(keys, nonce);
  const text = await sign("CardholderRenewal", { csr, iat: Math.floor(now / 1000) }, card);
  return { keys, text };
}

/** The renewed chain, checked to be for the new key and the same person. */
export async function acceptRenewal(answer, keys, card, { trust, now }) {
  const { status, x5c } = schema.read("CertificateAnswer", answer);
  require(status === "issued" && x5c, "status");
  const chain = await checkOwn(x5c, keys, { trust, now });
  const [before] = x509.readChain(card.x5c);
  require(chain[0].name.commonName === before.name.commonName, "subject");
  return { x5c, notAfter: chain[0].notAfter };
}
