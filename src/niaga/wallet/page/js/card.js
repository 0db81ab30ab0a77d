/* What a card's face says: number, month of expiry, brand, name; checked before it is sealed. */

const BRANDS = [
  ["Visa", /^4/],
  ["Mastercard", /^(5[1-5]|2[2-7])/],
  ["JCB", /^35/],
  ["American Express", /^3[47]/],
  ["GPN", /^(6|9)/],
];

export const digits = (text) => text.replace(/\D/g, "");

/** The digits in groups of four, as on the card. */
export const grouped = (number) => digits(number).replace(/(\d{4})(?=\d)/g, "$1 ");

export const brandOf = (number) => BRANDS.find(([, form]) => form.test(digits(number)))?.[0] ?? "";

/** ISO/IEC 7812: the last digit checks the others. */
export function hasGoodCheckDigit(number) {
  const sum = [...digits(number)].reverse().reduce((total, sign, place) => {
    const doubled = Number(sign) * (place % 2 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** `MM/YY` as it is typed. */
export function asExpiry(text) {
  const found = digits(text).slice(0, 4);
  return found.length > 2 ? `${found.slice(0, 2)}/${found.slice(2)}` : found;
}

/** `YYYY-MM`, or null if `text` is not a month. */
export function expiryMonth(text) {
  const found = /^(0[1-9]|1[0-2])\/(\d\d)$/.exec(text);
  return found && `20${found[2]}-${found[1]}`;
}

/** The problem of each field, by name; empty if the card may be sent. Words are keys of words.js. */
export function problems({ number, expiry, cvc, holder }, now) {
  const found = {};
  const plain = digits(number);
  if (!plain) found.number = "Enter the number on your card.";
  else if (plain.length < 12 || plain.length > 19) found.number = "A card number has 12 to 19 digits.";
  else if (!hasGoodCheckDigit(plain)) found.number = "This number has a typing mistake. Please compare it with your card.";
  const month = expiryMonth(expiry);
  if (!month) found.expiry = "Enter month and year, like 08/29.";
  else if (month < new Date(now).toISOString().slice(0, 7)) found.expiry = "This card has expired.";
  if (!/^\d{3,4}$/.test(cvc)) found.cvc = "Enter the 3 or 4 digits of the security code.";
  const name = holder.trim();
  if (!name) found.holder = "Enter the name on the card.";
  else if ([...name].length > 60) found.holder = "Please shorten the name to 60 letters.";
  return found;
}
