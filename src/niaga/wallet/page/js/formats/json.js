/* JSON that means one thing: no name twice, whole numbers only, bounded depth. */
import { Refused } from "../refused.js";
import { fromUtf8, utf8 } from "./bytes.js";

const DEEPEST = 16;
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** The object that `content` (bytes) spells; anything else is refused. */
export function readObject(content) {
  const text = fromUtf8(content);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused("encoding_invalid", "not JSON");
  }
  if (!isObject(value)) throw new Refused("encoding_invalid", "not a JSON object");
  // JSON.parse lets the last of two equal names win: then fewer are left than were written.
  const written = [...text.matchAll(STRINGS)].filter((found) => found[1]).length;
  if (names(value, 0) !== written) throw new Refused("encoding_invalid", "a name occurs twice");
  return value;
}

/** `value` as compact UTF-8 JSON, names in the order they were given. */
export const write = (value) => utf8(JSON.stringify(value));

export const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function names(value, depth) {
  if (depth > DEEPEST) throw new Refused("encoding_invalid", "nested too deeply");
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Refused("encoding_invalid", "not a whole number");
  }
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new Refused("encoding_invalid", "a text that is none");
  }
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((sum, item) => sum + names(item, depth + 1), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
