/* Closed schemas: the same grammar as the protocol's, described by protocol.json. */
import { protocol } from "../protocol.js";
import { Refused } from "../refused.js";
import { fromBase64url } from "./bytes.js";
import { isObject } from "./json.js";

const bytes = (value, least, most) => {
  const length = fromBase64url(value).length;
  return length >= least && length <= most;
};
const isText = (value, longest) => typeof value === "string" && value.length > 0 && value.length <= longest;

const CHECKS = {
  // Lengths are counted in characters, as the protocol does, not in UTF-16 units.
  text: (value, { longest, pattern }) =>
    typeof value === "string" && [...value].length <= longest
    && new RegExp(`^(?:${pattern})$`, "u").test(value),
  bits: (value, { bits }) => isText(value, bits) && bytes(value, bits / 8, bits / 8),
  blob: (value, { longest }) => isText(value, longest * 2) && bytes(value, 1, longest),
  number: (value, { least, most }) => Number.isSafeInteger(value) && value >= least && value <= most,
  one_of: (value, { words }) => words.includes(value),
  chain: (value) => Array.isArray(value) && value.length === 3 && value.every((text) => isText(text, 4096)),
  signed: (value, { longest }) =>
    isText(value, longest) && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$/.test(value),
  sealed: (value, { longest }) =>
    isText(value, longest) && /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}$/.test(value),
  disclosed: (value, { longest }) => isText(value, longest) && /^[A-Za-z0-9_-]+$/.test(value),
};

/** `value` as the message or record `name`, frozen; refused if it has more, less or other. */
export const read = (name, value) => readRecord(protocol.records[name], value, name);

function readRecord(slots, value, place) {
  if (!isObject(value)) refuse(place, "not an object");
  const made = {};
  for (const name of Object.keys(value)) if (!Object.hasOwn(slots, name)) refuse(place, "an unknown name");
  for (const [name, slot] of Object.entries(slots)) {
    if (Object.hasOwn(value, name)) made[name] = readSlot(slot, value[name], `${place}.${name}`);
    else if (!slot.optional) refuse(`${place}.${name}`, "missing");
  }
  return Object.freeze(made);
}

function readSlot(slot, value, place) {
  if (!slot.counts) return readOne(slot, value, place);
  const [least, most] = slot.counts;
  if (!Array.isArray(value) || value.length < least || value.length > most) refuse(place, "not such a list");
  return Object.freeze(value.map((item, i) => readOne(slot, item, `${place}[${i}]`)));
}

function readOne(slot, value, place) {
  if (slot.record) return readRecord(protocol.records[slot.record], value, place);
  if (!CHECKS[slot.kind](value, slot)) refuse(place, "outside its bounds");
  return value;
}

function refuse(place, what) {
  throw new Refused("schema_invalid", `${place}: ${what}`);
}
