/* Distinguished Encoding Rules (ITU-T X.690): the part that certificates and requests need. */
import { Refused } from "../refused.js";
import { concat, fromUtf8, utf8 } from "./bytes.js";

export const BOOLEAN = 0x01, INTEGER = 0x02, BIT_STRING = 0x03, OCTET_STRING = 0x04, OID = 0x06;
export const UTF8_STRING = 0x0c, PRINTABLE_STRING = 0x13, UTC_TIME = 0x17, GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30, SET = 0x31;
export const context = (number, constructed = true) => (constructed ? 0xa0 : 0x80) | number;

const refuse = (what) => {
  throw new Refused("certificate_invalid", what);
};

/** Reads the elements of `bytes` one after the other; every length must be in its shortest form. */
export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get done() {
    return this.at === this.bytes.length;
  }

  peek() {
    return this.done ? null : this.bytes[this.at];
  }

  /** The next element, which must have `tag`: its content, and all of it with tag and length. */
  element(tag) {
    const start = this.at;
    if (this.peek() !== tag) refuse("another element than expected");
    this.at += 1;
    const length = this.length();
    const from = this.at;
    if (from + length > this.bytes.length) refuse("an element cut short");
    this.at = from + length;
    return { content: this.bytes.subarray(from, this.at), whole: this.bytes.subarray(start, this.at) };
  }

  length() {
    const first = this.bytes[this.at++];
    if (first === undefined) refuse("an element cut short");
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count < 1 || count > 2 || this.at + count > this.bytes.length) refuse("a length out of bounds");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.bytes[this.at++];
    if (length < (count === 1 ? 0x80 : 0x100)) refuse("a length not in its shortest form");
    return length;
  }

  inside(tag) {
    return new Reader(this.element(tag).content);
  }

  optional(tag) {
    return this.peek() === tag ? this.inside(tag) : null;
  }

  /** Nothing may follow. */
  end() {
    if (!this.done) refuse("something follows the last element");
  }

  boolean() {
    const { content } = this.element(BOOLEAN);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) refuse("not a boolean");
    return content[0] === 0xff;
  }

  /** The bytes of a non-negative INTEGER without its sign byte. */
  unsigned() {
    const { content } = this.element(INTEGER);
    if (!content.length || content[0] & 0x80) refuse("not a number from 0 on");
    if (content.length > 1 && content[0] === 0 && !(content[1] & 0x80)) refuse("a padded number");
    return content[0] === 0 && content.length > 1 ? content.subarray(1) : content;
  }

  smallNumber() {
    const bytes = this.unsigned();
    if (bytes.length > 4) refuse("not a small number");
    return bytes.reduce((number, byte) => number * 256 + byte, 0);
  }

  oid() {
    return dotted(this.element(OID).content);
  }

  /** The bytes of a BIT STRING of whole bytes. */
  bits() {
    const { content } = this.element(BIT_STRING);
    if (content[0] !== 0) refuse("not a string of whole bytes");
    return content.subarray(1);
  }

  /** The numbers of the set bits of a named bit list. */
  namedBits() {
    const { content } = this.element(BIT_STRING);
    if (content.length < 1 || content.length > 3 || content[0] > 7) refuse("not a list of bits");
    const found = new Set();
    content.subarray(1).forEach((byte, i) => {
      for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) found.add(i * 8 + bit);
    });
    return found;
  }

  /** Epoch milliseconds of a UTCTime or GeneralizedTime in Zulu, with seconds. */
  time() {
    const tag = this.peek();
    if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) refuse("not a time");
    const text = fromUtf8(this.element(tag).content);
    const form = tag === UTC_TIME ? /^(\d{2})(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/;
    const found = form.exec(text) ?? refuse("not a time");
    const year = tag === UTC_TIME ? Number(found[1]) + (found[1] < "50" ? 2000 : 1900) : Number(found[1]);
    const [month, day, hour, minute, second] = found[2].match(/../g).map(Number);
    const instant = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
    if (instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== day) refuse("no day of the calendar");
    return instant.getTime();
  }
}

function dotted(content) {
  const arcs = [];
  let arc = 0n;
  for (const [i, byte] of content.entries()) {
    if (arc === 0n && byte === 0x80) refuse("a padded object identifier");
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (!(byte & 0x80)) {
      arcs.push(arc);
      arc = 0n;
    } else if (i === content.length - 1) refuse("an object identifier cut short");
  }
  if (!arcs.length) refuse("an empty object identifier");
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - first * 40n, ...arcs.slice(1)].join(".");
}

export function encode(tag, ...parts) {
  const content = concat(...parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return concat(Uint8Array.of(tag, ...length), content);
}

export function encodeOid(text) {
  const [first, second, ...rest] = text.split(".").map(BigInt);
  const bytes = [first * 40n + second, ...rest].flatMap((arc) => {
    const digits = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left; left >>= 7n) digits.unshift(Number(left & 0x7fn) | 0x80);
    return digits;
  });
  return encode(OID, Uint8Array.from(bytes));
}

export function encodeUnsigned(bytes) {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at += 1;
  const shortest = bytes.subarray(at);
  return encode(INTEGER, shortest[0] & 0x80 ? Uint8Array.of(0) : new Uint8Array(), shortest);
}

export const encodeText = (text) => encode(UTF8_STRING, utf8(text));
