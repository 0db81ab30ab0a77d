/* Certificates (RFC 5280) of the payment's one chain form: root, brand, role authority, leaf. */
import { protocol } from "../protocol.js";
import { Refused } from "../refused.js";
import { equal, fromBase64, fromUtf8, sha256, toBase64url } from "./bytes.js";
import {
  BIT_STRING, BOOLEAN, OCTET_STRING, PRINTABLE_STRING, Reader, SEQUENCE, SET, UTF8_STRING, context,
} from "./der.js";
import { verifyDer } from "./es256.js";

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const EC_KEY = "1.2.840.10045.2.1";
const P256 = "1.2.840.10045.3.1.7";
const NAMES = { "2.5.4.3": "commonName", "2.5.4.10": "organization" };
const EXTENSIONS = {
  "2.5.29.19": ["basicConstraints", readConstraints],
  "2.5.29.15": ["keyUsage", (reader) => reader.namedBits()],
  "2.5.29.37": ["extendedKeyUsage", (reader) => readAll(reader.inside(SEQUENCE), (r) => r.oid())],
  "2.5.29.17": ["addresses", readAddresses],
  "2.5.29.14": ["subjectKeyId", (reader) => reader.element(OCTET_STRING).content],
  "2.5.29.35": ["authorityKeyId", (reader) => reader.element(SEQUENCE).content],
  [protocol.status_index]: ["statusIndex", (reader) => reader.smallNumber()],
};
const DIGITAL_SIGNATURE = 0, KEY_AGREEMENT = 4, KEY_CERT_SIGN = 5;
const URI = context(6, false);

const refuse = (code, what) => {
  throw new Refused(code, what);
};

/** The certificate that `der` is, every byte of it understood; no signature is checked. */
export function parse(der) {
  const outer = new Reader(der);
  const parts = outer.inside(SEQUENCE);
  outer.end();
  const tbs = parts.element(SEQUENCE);
  readAlgorithm(parts);
  const signature = parts.bits();
  parts.end();
  return { der, tbs: tbs.whole, signature, ...readContent(new Reader(tbs.content)) };
}

function readContent(reader) {
  if (reader.inside(context(0)).smallNumber() !== 2) refuse("certificate_invalid", "not version 3");
  reader.unsigned();
  readAlgorithm(reader);
  const issuer = reader.element(SEQUENCE);
  const validity = reader.inside(SEQUENCE);
  const [notBefore, notAfter] = [validity.time(), validity.time()];
  validity.end();
  const subject = reader.element(SEQUENCE);
  const key = reader.element(SEQUENCE);
  const extensions = readExtensions(reader.inside(context(3)));
  reader.end();
  return {
    issuer: issuer.whole,
    subject: subject.whole,
    name: readName(new Reader(subject.content)),
    notBefore,
    notAfter,
    key: readKey(key),
    ...extensions,
  };
}

function readAlgorithm(reader) {
  const algorithm = reader.inside(SEQUENCE);
  if (algorithm.oid() !== ECDSA_WITH_SHA256) refuse("certificate_invalid", "another algorithm");
  algorithm.end();
}

function readKey({ content, whole }) {
  const reader = new Reader(content);
  const algorithm = reader.inside(SEQUENCE);
  if (algorithm.oid() !== EC_KEY || algorithm.oid() !== P256) {
    refuse("certificate_invalid", "not a P-256 key");
  }
  algorithm.end();
  if (reader.peek() !== BIT_STRING || reader.bits().length !== 65) {
    refuse("certificate_invalid", "not a P-256 key");
  }
  reader.end();
  return whole;
}

function readAll(reader, one) {
  const found = [];
  while (!reader.done) found.push(one(reader));
  return found;
}

function readName(reader) {
  const name = {};
  readAll(reader, (set) => {
    const pair = set.inside(SET).inside(SEQUENCE);
    const kind = NAMES[pair.oid()];
    const tag = pair.peek();
    if (tag !== UTF8_STRING && tag !== PRINTABLE_STRING) {
      refuse("certificate_invalid", "a name that is no text");
    }
    const text = fromUtf8(pair.element(tag).content);
    if (kind) name[kind] ??= text;
  });
  return name;
}

function readExtensions(outer) {
  const found = {};
  readAll(outer.inside(SEQUENCE), (list) => {
    const reader = list.inside(SEQUENCE);
    const [name, read] = EXTENSIONS[reader.oid()] ?? refuse("certificate_invalid", "an unknown extension");
    if (reader.peek() === BOOLEAN) reader.boolean();
    const value = reader.inside(OCTET_STRING);
    if (name in found) refuse("certificate_invalid", "an extension twice");
    found[name] = read(value);
    value.end();
    reader.end();
  });
  outer.end();
  return found;
}

function readConstraints(value) {
  const reader = value.inside(SEQUENCE);
  const ca = reader.peek() === BOOLEAN ? reader.boolean() : false;
  const pathLength = reader.done ? null : reader.smallNumber();
  reader.end();
  return { ca, pathLength };
}

/** The URIs among the alternative names; names of other kinds are passed over. */
function readAddresses(value) {
  const reader = value.inside(SEQUENCE);
  return readAll(reader, (r) => [r.peek(), r.element(r.peek()).content])
    .filter(([tag]) => tag === URI)
    .map(([, content]) => fromUtf8(content));
}

export const thumbprint = async (certificate) => toBase64url(await sha256(certificate.der));

/** The three certificates of an `x5c` value: leaf, role authority, brand. */
export function readChain(x5c) {
  if (!Array.isArray(x5c) || x5c.length !== 3) refuse("certificate_invalid", "not a chain of three");
  return x5c.map((text) => parse(fromBase64(text)));
}

const importKey = (certificate, name, usages) =>
  crypto.subtle.importKey("spki", certificate.key, { name, namedCurve: "P-256" }, true, usages);

export const verifyingKey = (certificate) => importKey(certificate, "ECDSA", ["verify"]);
export const sealingKey = (certificate) => importKey(certificate, "ECDH", []);

/**
 * Whom `chain` speaks for.
 *
 * `role` is "cardholder", "merchant", "gateway" or "issuer", `use` "sign" or "encrypt". `trust` holds
 * `roots` (certificates) and `statusOf(authority, now)`, which answers with a fresh status list.
 */
export async function verifyChain(chain, { role, use, trust, now }) {
  const root = trust.roots.find((candidate) => equal(candidate.subject, chain[2].issuer));
  if (!root) refuse("certificate_invalid", "no path to a trusted root");
  const path = [...chain, root];
  for (const [depth, certificate] of path.entries()) {
    checkProfile(certificate, depth);
    if (depth < 3) await checkIssued(certificate, path[depth + 1]);
    if (now < certificate.notBefore || now > certificate.notAfter) {
      refuse("certificate_expired", "a certificate is outside its validity");
    }
  }
  checkRole(chain[0], chain[1], role, use);
  for (const [depth, certificate] of chain.entries()) {
    const status = await trust.statusOf(path[depth + 1], now);
    if (status.isRevoked(certificate.statusIndex)) refuse("certificate_revoked", "withdrawn");
  }
  return {
    role,
    subject: subjectOf(chain[0], role),
    name: chain[0].name.organization ?? "",
    brand: chain[2].name.commonName ?? "",
    thumbprint: await thumbprint(chain[0]),
    certificate: chain[0],
  };
}

async function checkIssued(certificate, issuer) {
  if (!equal(certificate.issuer, issuer.subject)) refuse("certificate_invalid", "another issuer");
  try {
    await verifyDer(certificate.signature, certificate.tbs, await verifyingKey(issuer));
  } catch {
    refuse("certificate_invalid", "not signed by its issuer");
  }
}

function checkProfile(certificate, depth) {
  const { basicConstraints, keyUsage, statusIndex } = certificate;
  const pathLength = depth ? depth - 1 : null;
  if (basicConstraints?.ca !== depth > 0 || basicConstraints.pathLength !== pathLength) {
    refuse("certificate_invalid", "basic constraints that do not fit its place");
  }
  if (!keyUsage || keyUsage.has(KEY_CERT_SIGN) !== depth > 0) {
    refuse("certificate_invalid", "a key usage that does not fit its place");
  }
  if (depth < 3 && statusIndex === undefined) refuse("certificate_invalid", "no status index");
}

function checkRole(leaf, authority, role, use) {
  const wanted = protocol.roles[role];
  const known = Object.values(protocol.roles).map(({ oid }) => oid);
  const above = (authority.extendedKeyUsage ?? []).filter((oid) => known.includes(oid));
  if (above.length !== 1 || above[0] !== wanted.oid) {
    refuse("certificate_role", "the authority is for another role");
  }
  if (leaf.extendedKeyUsage?.length !== 1 || leaf.extendedKeyUsage[0] !== wanted.oid) {
    refuse("certificate_role", "the certificate is for another role or use");
  }
  const seals = use === "encrypt";
  if (leaf.keyUsage.has(DIGITAL_SIGNATURE) === seals || leaf.keyUsage.has(KEY_AGREEMENT) !== seals) {
    refuse("certificate_role", "the key is for another use");
  }
  if (leaf.notAfter - leaf.notBefore > wanted.longest_life_s * 1000) {
    refuse("certificate_invalid", "the certificate lives too long");
  }
}

function subjectOf(leaf, role) {
  if (role === "cardholder") return leaf.name.commonName ?? "";
  if (leaf.addresses?.length !== 1) refuse("certificate_invalid", "a certificate without one address");
  return leaf.addresses[0];
}
