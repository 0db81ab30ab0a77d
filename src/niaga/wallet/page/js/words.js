/* Words, amounts and times in the person's language. English is the source, as everywhere in Niaga. */
import { indonesian } from "./words_id.js";

const KEPT = "niaga-wallet-language";
const EXPONENTS = { IDR: 2, JPY: 0, KWD: 3 };

/** `id` or `en`: as chosen here, else as the browser prefers, else Indonesian. */
export const language = () => {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages].map((it) => it?.slice(0, 2));
  return wanted.find((it) => it === "id" || it === "en") ?? "id";
};

export const choose = (code) => localStorage.setItem(KEPT, code);

/** `text` in the person's language, `{names}` in it replaced by `values`. */
export function t(text, values = {}) {
  const words = language() === "id" ? (indonesian[text] ?? text) : text;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** `Rp1.500.000`: rupiah without decimals, other currencies with their own. */
export function money({ currency, minor }) {
  const major = minor / 10 ** (EXPONENTS[currency] ?? 2);
  if (currency === "IDR") {
    const rupiah = new Intl.NumberFormat("id", { maximumFractionDigits: 2 }).format(Math.abs(major));
    return `${minor < 0 ? "−" : ""}Rp${rupiah}`;
  }
  return new Intl.NumberFormat(language(), { style: "currency", currency }).format(major);
}

export const moment = (milliseconds) =>
  new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(milliseconds);

export const clock = (milliseconds) =>
  new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(milliseconds);

export const day = (milliseconds) =>
  new Intl.DateTimeFormat(language(), { dateStyle: "long" }).format(milliseconds);
