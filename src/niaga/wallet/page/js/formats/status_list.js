/* Which certificates an authority has withdrawn: a signed, compressed list of one bit each. */
import { Refused } from "../refused.js";
import { fromBase64url } from "./bytes.js";
import * as jws from "./jws.js";
import { thumbprint, verifyingKey } from "./x509.js";

const MAX_BYTES = 262_144;
const MAX_ENTRIES = 1 << 20;
const TYPE = "statuslist+jwt";

/** The list that `authority` (a certificate) signed; refused if it is not its own, or has expired. */
export async function verify(text, authority, now) {
  const token = jws.parse(text, { maxBytes: MAX_BYTES });
  if (token.header.typ !== TYPE) throw new Refused("schema_invalid", "not a status list");
  await jws.verify(token, await verifyingKey(authority), ["alg", "typ"]);
  const { sub, iat, exp, ttl, status_list: listed, ...others } = token.payload;
  const { bits, lst, ...more } = listed ?? {};
  const known = Object.keys(others).length + Object.keys(more).length === 0;
  if (!known || bits !== 1 || sub !== (await thumbprint(authority))
    || ![iat, exp, ttl].every(Number.isSafeInteger)) {
    throw new Refused("schema_invalid", "a status list of another authority or form");
  }
  if (exp * 1000 <= now) throw new Refused("status_unknown", "the status list has expired");
  const array = await inflate(fromBase64url(lst));
  return {
    expires: exp * 1000,
    isRevoked: (index) => !(index >> 3 in array) || Boolean((array[index >> 3] >> (index & 7)) & 1),
  };
}

/** The bits, read piece by piece: not every browser iterates a stream, and a list may be a bomb. */
async function inflate(content) {
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const made = [];
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Refused("encoding_invalid", "a status list that does not inflate");
    });
    if (done) return made;
    if (made.length + value.length > MAX_ENTRIES / 8) {
      await reader.cancel();
      throw new Refused("too_large", "a status list too long");
    }
    for (const byte of value) made.push(byte);
  }
}
