/*
 * Whom this page believes: the roots of its configuration, and fresh status lists.
 *
 * Lists are fetched whole, so nobody learns which certificate is asked about, and kept until they
 * are half through their life; one that is older serves while the authority can't be reached.
 */
import { config } from "../config.js";
import { Refused } from "../refused.js";
import * as store from "../store.js";
import * as statusList from "../formats/status_list.js";
import { fromBase64, toBase64url } from "../formats/bytes.js";
import { parse, thumbprint } from "../formats/x509.js";

const roots = config.roots.map((text) => parse(fromBase64(text)));

/** Trust of this moment; `used` fills with the lists relied upon, which are evidence later. */
export function liveTrust(fetchList) {
  const used = {};
  const asked = new Map();
  const statusOf = async (authority, now) => {
    const subject = await thumbprint(authority);
    if (!asked.has(subject)) asked.set(subject, find(subject, authority, now, fetchList));
    const { list, token } = await asked.get(subject);
    used[subject] = token;
    return list;
  };
  return { roots, statusOf, used };
}

/** Trust as it was when `tokens` (status lists by thumbprint) were relied upon. */
export function pastTrust(tokens) {
  const statusOf = async (authority, now) => {
    const token = tokens[await thumbprint(authority)];
    if (!token) throw new Refused("status_unknown", "no status list was kept");
    return statusList.verify(token, authority, now);
  };
  return { roots, statusOf };
}

async function find(subject, authority, now, fetchList) {
  const kept = await store.status(subject);
  if (kept && now < kept.freshUntil) {
    return { list: await statusList.verify(kept.token, authority, now), token: kept.token };
  }
  try {
    const token = await fetchList(subject);
    const list = await statusList.verify(token, authority, now);
    await store.keepStatus({ thumbprint: subject, token, freshUntil: (now + list.expires) / 2 });
    return { list, token };
  } catch (error) {
    if (!kept || !(error instanceof Refused && error.code === "unreachable")) throw error;
    return { list: await statusList.verify(kept.token, authority, now), token: kept.token };
  }
}

/** The thumbprint of a certificate in `x5c` form. */
export const thumbprintOf = async (text) =>
  toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", fromBase64(text))));
