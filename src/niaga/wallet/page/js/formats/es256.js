/* ECDSA on P-256 with SHA-256 as JWS writes it: r then s, 64 bytes, s in the lower half. */
import { Refused } from "../refused.js";
import { concat } from "./bytes.js";
import { Reader, SEQUENCE, encode, encodeUnsigned } from "./der.js";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

const number = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytes32 = (value) =>
  Uint8Array.from(value.toString(16).padStart(64, "0").match(/../g), (pair) => parseInt(pair, 16));

/** A new key that can sign but can't be taken out of this browser. */
export const newKey = () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);

/** The owner's signature. Of the two that verify, the one with the lower s: one spelling only. */
export async function sign(message, privateKey) {
  const made = new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, message));
  const s = number(made.subarray(32));
  return s > ORDER / 2n ? concat(made.subarray(0, 32), bytes32(ORDER - s)) : made;
}

/** Refuse unless the owner of `publicKey` signed `message`, in the one accepted form. */
export async function verify(signature, message, publicKey) {
  checkForm(signature);
  if (!(await crypto.subtle.verify(ALGORITHM, publicKey, signature, message))) {
    throw new Refused("signature_invalid", "the signature does not verify");
  }
}

function checkForm(signature) {
  const [r, s] = signature.length === 64
    ? [number(signature.subarray(0, 32)), number(signature.subarray(32))]
    : [0n, 0n];
  if (!(r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n)) {
    throw new Refused("signature_invalid", "not a signature in canonical form");
  }
}

/** As `verify`, for a signature in DER as certificates carry it; either s will do there. */
export async function verifyDer(signature, message, publicKey) {
  const whole = new Reader(signature);
  const pair = whole.inside(SEQUENCE);
  const [r, s] = [pair.unsigned(), pair.unsigned()];
  pair.end();
  whole.end();
  const padded = (part) => {
    if (part.length > 32) throw new Refused("signature_invalid", "a number out of range");
    return concat(new Uint8Array(32 - part.length), part);
  };
  const raw = concat(padded(r), padded(s));
  if (!(await crypto.subtle.verify(ALGORITHM, publicKey, raw, message))) {
    throw new Refused("signature_invalid", "the signature does not verify");
  }
}

export const toDer = (signature) =>
  encode(SEQUENCE, encodeUnsigned(signature.subarray(0, 32)), encodeUnsigned(signature.subarray(32)));
