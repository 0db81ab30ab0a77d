/* Compact JSON Web Encryption (RFC 7516): ECDH-ES on P-256 with A256GCM, sealing only. */
import { concat, random, sha256, toBase64url, utf8 } from "./bytes.js";
import { write } from "./json.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** `plaintext` encrypted to `publicKey` (ECDH), bound to the texts `apu` and `apv`. */
export async function seal(plaintext, publicKey, { kid, apu = "", apv = "" }) {
  const ephemeral = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", ephemeral.publicKey);
  const header = { alg: "ECDH-ES", enc: "A256GCM", kid };
  if (apu) header.apu = toBase64url(utf8(apu));
  if (apv) header.apv = toBase64url(utf8(apv));
  header.epk = { kty, crv, x, y };
  const protectedHeader = toBase64url(write(header));
  const key = await derive(ephemeral.privateKey, publicKey, utf8(apu), utf8(apv));
  const iv = random(12);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: utf8(protectedHeader) }, key, plaintext,
  ));
  const [body, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
  return [protectedHeader, "", ...[iv, body, tag].map(toBase64url)].join(".");
}

/** The content key by RFC 7518, section 4.6.2: one round of the concatenation KDF. */
async function derive(privateKey, publicKey, apu, apv) {
  const secret = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256),
  );
  const sized = (part) => concat(uint32(part.length), part);
  const digest = await sha256(
    concat(uint32(1), secret, sized(utf8("A256GCM")), sized(apu), sized(apv), uint32(256)),
  );
  return crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt"]);
}

const uint32 = (number) => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
