/* Opening a message (who said it, and exactly what), signing one, and sealing a record. */
import { protocol } from "../protocol.js";
import { Refused, require } from "../refused.js";
import * as jwe from "../formats/jwe.js";
import * as jws from "../formats/jws.js";
import * as schema from "../formats/schema.js";
import * as x509 from "../formats/x509.js";
import { write } from "../formats/json.js";

const HEADER_NAMES = ["alg", "typ", "x5c"];

/** The message `kind` that `text` is: `{ message, identity, digest, text }`, all verified. */
export async function open(kind, text, { trust, now }) {
  const { typ, signer, max_bytes: maxBytes } = protocol.messages[kind];
  const token = jws.parse(text, { maxBytes });
  if (token.header.typ !== typ) throw new Refused("schema_invalid", `not a ${typ}`);
  const chain = x509.readChain(token.header.x5c);
  const identity = await x509.verifyChain(chain, { role: signer, use: "sign", trust, now });
  await jws.verify(token, await x509.verifyingKey(identity.certificate), HEADER_NAMES);
  const message = schema.read(kind, token.payload);
  require((message.iss ?? identity.subject) === identity.subject, "iss");
  if (message.iat > now / 1000 + protocol.skew_s) throw new Refused("stale", "issued in the future");
  return Object.freeze({ message, identity, digest: await jws.digest(token), text });
}

/** `message` signed by a card's key, its chain in the header. */
export const sign = (kind, message, { privateKey, x5c }) =>
  jws.sign(schema.read(kind, message), privateKey, { typ: protocol.messages[kind].typ, x5c });

/** `record` as JSON padded to `size` bytes and sealed: its length tells nothing. */
export async function sealPadded(kind, record, size, identity, bound) {
  const content = write(schema.read(kind, record));
  if (content.length > size) throw new Refused("too_large", "too much to seal");
  const padded = new Uint8Array(size).fill(0x20);
  padded.set(content);
  const key = await x509.sealingKey(identity.certificate);
  return jwe.seal(padded, key, { kid: identity.thumbprint, ...bound });
}

export const digestOf = (token) => jws.digest(jws.parse(token, { maxBytes: Infinity }));

export function checkLive(untilSeconds, now) {
  if (now >= untilSeconds * 1000) throw new Refused("stale", "expired");
}
