/* Compact JSON Web Signatures (RFC 7515), ES256 only, in one spelling. */
import { Refused } from "../refused.js";
import { fromBase64url, sha256, toBase64url, utf8 } from "./bytes.js";
import * as es256 from "./es256.js";
import { readObject, write } from "./json.js";

/** Take a token apart, checking its spelling but no signature. */
export function parse(text, { maxBytes }) {
  if (typeof text !== "string" || text.length > maxBytes) throw new Refused("too_large");
  const parts = text.split(".");
  if (parts.length !== 3) throw new Refused("encoding_invalid", "not a compact token");
  const [header, payload, signature] = parts.map(fromBase64url);
  const signingInput = utf8(text.slice(0, text.lastIndexOf(".")));
  return { header: readObject(header), payload: readObject(payload), signature, signingInput, text };
}

/** The token's identity: SHA-256 of the signing input, never of the whole token. */
export const digest = async (token) => toBase64url(await sha256(token.signingInput));

/** The compact token of `payload`. */
export async function sign(payload, privateKey, header) {
  const protectedHeader = write({ alg: "ES256", ...header });
  const statement = `${toBase64url(protectedHeader)}.${toBase64url(write(payload))}`;
  return `${statement}.${toBase64url(await es256.sign(utf8(statement), privateKey))}`;
}

/** Refuse unless the owner of `publicKey` signed the token; header names are a closed set. */
export async function verify(token, publicKey, names) {
  if (token.header.alg !== "ES256") throw new Refused("signature_invalid", "another algorithm");
  if (Object.keys(token.header).sort().join() !== [...names].sort().join()) {
    throw new Refused("schema_invalid", "other header names than expected");
  }
  await es256.verify(token.signature, token.signingInput, publicKey);
}
