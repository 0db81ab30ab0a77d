/** A message, certificate or wish that is not acceptable; `code` is stable and chooses the words. */
export class Refused extends Error {
  constructor(code, what = code) {
    super(what);
    this.name = "Refused";
    this.code = code;
  }
}

/** Refuse with `mismatch` unless two values that must agree do. */
export function require(agree, what, code = "mismatch") {
  if (!agree) throw new Refused(code, what);
}
