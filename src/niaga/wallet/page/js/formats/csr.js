/* A certification request (PKCS #10, RFC 2986) for a P-256 key, answering a nonce. */
import { toBase64url } from "./bytes.js";
import { BIT_STRING, SEQUENCE, SET, context, encode, encodeOid, encodeText, encodeUnsigned } from "./der.js";
import * as es256 from "./es256.js";

const CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

/** The request in DER, base64url. It names nobody: whom the certificate names, the authority decides. */
export async function makeRequest(keys, nonce) {
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const answer = encode(SEQUENCE, encodeOid(CHALLENGE_PASSWORD), encode(SET, encodeText(nonce)));
  const info = encode(SEQUENCE,
    encodeUnsigned(Uint8Array.of(0)), encode(SEQUENCE), spki, encode(context(0), answer));
  const signature = es256.toDer(await es256.sign(info, keys.privateKey));
  return toBase64url(encode(SEQUENCE,
    info,
    encode(SEQUENCE, encodeOid(ECDSA_WITH_SHA256)),
    encode(BIT_STRING, Uint8Array.of(0), signature)));
}
