/* Bytes and their spellings: base64url without padding (RFC 7515), base64, UTF-8, hexadecimal. */
import { Refused } from "../refused.js";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => encoder.encode(text);

/** The text that `content` spells in UTF-8; refused if it spells none. */
export function fromUtf8(content) {
  try {
    return strictDecoder.decode(content);
  } catch {
    throw new Refused("encoding_invalid", "not UTF-8");
  }
}

export function concat(...parts) {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

export const sha256 = async (content) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", content));

export function toBase64(content) {
  let text = "";
  for (const byte of content) text += String.fromCharCode(byte);
  return btoa(text);
}

export const toBase64url = (content) =>
  toBase64(content).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** The bytes `text` spells; refused unless it is their one canonical spelling. */
export function fromBase64url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new Refused("encoding_invalid", "not base64url");
  }
  const content = Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (sign) => sign.charCodeAt(0),
  );
  if (toBase64url(content) !== text) throw new Refused("encoding_invalid", "not canonical base64url");
  return content;
}

/** The bytes of padded base64, as certificates in `x5c` have it; canonical only. */
export function fromBase64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) {
    throw new Refused("encoding_invalid", "not base64");
  }
  const content = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  if (toBase64(content) !== text) throw new Refused("encoding_invalid", "not canonical base64");
  return content;
}
