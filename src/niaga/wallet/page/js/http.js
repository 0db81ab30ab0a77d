/* Requests to authority and merchants: no cookies, no referrer, no redirects, bounded in time and size. */
import { Refused } from "./refused.js";

/** What a wallet waits for one answer, in milliseconds. */
export const PATIENCE_MS = 20_000;
const MAX_ANSWER = 262_144;

/** The text answered; a problem document (RFC 9457) is refused with its code and `status`. */
export async function call(url, { method = "GET", body, type = "application/json" } = {}) {
  let response, text;
  try {
    response = await fetch(url, {
      method,
      body,
      headers: body === undefined ? {} : { "Content-Type": type },
      mode: "cors",
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await response.text();
  } catch {
    throw new Refused("unreachable", `no answer from ${new URL(url).host}`);
  }
  if (text.length > MAX_ANSWER) throw new Refused("too_large", "the answer is too long");
  if (response.ok) return text;
  const refused = new Refused(codeOf(text, response.status), `answered ${response.status}`);
  refused.status = response.status;
  throw refused;
}

export async function callJson(url, options = {}) {
  const text = await call(url, options);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused("encoding_invalid", "the answer is not JSON");
  }
}

export const post = (url, value = {}) => callJson(url, { method: "POST", body: JSON.stringify(value) });

function codeOf(text, status) {
  if (status === 429) return "too_many_requests";
  if (status >= 500) return "unreachable";
  try {
    return String(JSON.parse(text).code ?? "refused");
  } catch {
    return "refused";
  }
}
