/* The person's consent: a passkey of this origin, its owner verified (Web Authentication). */
import { Refused } from "./refused.js";
import { fromBase64url, random, toBase64url } from "./formats/bytes.js";

const TIMEOUT_MS = 120_000;
const ES256 = -7;
const RP_NAME = "Niaga Wallet";

export const isAvailable = () => Boolean(globalThis.PublicKeyCredential);

/** Make a passkey called `name`: its id and the two coordinates of its key, base64url. */
export async function create(name) {
  const made = await ask(() => navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { id: location.hostname, name: RP_NAME },
      user: { id: random(16), name, displayName: name },
      pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      attestation: "none",
      timeout: TIMEOUT_MS,
    },
  }));
  const { response } = made;
  if (response.getPublicKeyAlgorithm() !== ES256) throw new Refused("passkey_unsuitable");
  const key = await crypto.subtle.importKey(
    "spki", response.getPublicKey(), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"],
  );
  const { x, y } = await crypto.subtle.exportKey("jwk", key);
  return { id: toBase64url(new Uint8Array(made.rawId)), x, y };
}

/** The passkey's signature over `challenge` (base64url), as the protocol's Assertion. */
export async function confirm(id, challenge) {
  const made = await ask(() => navigator.credentials.get({
    publicKey: {
      challenge: fromBase64url(challenge),
      rpId: location.hostname,
      allowCredentials: [{ type: "public-key", id: fromBase64url(id) }],
      userVerification: "required",
      timeout: TIMEOUT_MS,
    },
  }));
  const text = (buffer) => toBase64url(new Uint8Array(buffer));
  return {
    credential_id: text(made.rawId),
    authenticator_data: text(made.response.authenticatorData),
    client_data: text(made.response.clientDataJSON),
    signature: text(made.response.signature),
  };
}

async function ask(ceremony) {
  try {
    return await ceremony();
  } catch (error) {
    // The browser does not tell "the person said no" from "no such passkey".
    if (["NotAllowedError", "AbortError"].includes(error?.name)) throw new Refused("passkey_declined");
    throw new Refused("passkey_unsuitable", String(error));
  }
}
