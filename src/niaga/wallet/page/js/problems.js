/* What a refusal means to the person: a title, a sentence, and whether trying again can help. */
import { t } from "./words.js";

const UNTRUSTED = (host) => ({
  title: t("We don't know this shop"),
  text: t("{host} could not prove who it is. Nothing was signed and nothing was paid.", { host }),
  again: false,
});

const BY_CODE = {
  unreachable: (host) => ({
    title: t("No answer"),
    text: t("{host} does not answer. Check your connection and try again.", { host }),
    again: true,
  }),
  too_many_requests: () => ({
    title: t("Too many attempts"),
    text: t("Please wait a minute and try again."),
    again: true,
  }),
  stale: () => ({
    title: t("This offer has expired"),
    text: t("For your safety an offer is good for a few minutes only. Get a new one to go on."),
    again: true,
  }),
  amount_mismatch: () => ({
    title: t("The amounts do not add up"),
    text: t("What the shop asks for is not what its order says. Nothing was signed and nothing was paid."),
    again: true,
  }),
  certificate_expired: (host) => ({
    title: t("A certificate is out of date"),
    text: t("{host} showed a certificate that is not valid today. Is the date of this device right?", { host }),
    again: true,
  }),
  certificate_revoked: (host) => ({
    title: t("This shop may not take payments any more"),
    text: t("The authority has withdrawn the certificate of {host}. Nothing was paid.", { host }),
    again: false,
  }),
  status_unknown: () => ({
    title: t("We can't check this shop right now"),
    text: t("The authority's list of withdrawn certificates is out of date. Try again later."),
    again: true,
  }),
  certificate_invalid: UNTRUSTED,
  certificate_role: UNTRUSTED,
  signature_invalid: UNTRUSTED,
  link_invalid: () => ({
    title: t("This link leads to no payment"),
    text: t("Go back to the shop and choose to pay again."),
    again: false,
  }),
  passkey_declined: () => ({
    title: t("Not confirmed"),
    text: t("The passkey was not used, so nothing was signed. You can try again."),
    again: true,
  }),
  passkey_unsuitable: () => ({
    title: t("This device's passkey can't be used"),
    text: t("The wallet needs a passkey that checks your fingerprint, face or PIN."),
    again: true,
  }),
  card_not_recognised: () => ({
    title: t("Your bank did not accept this card"),
    text: t("Compare what you typed with your card, or ask your bank."),
    again: true,
  }),
  card_withdrawn: () => ({
    title: t("This card can't pay any more"),
    text: t("Its certificate was withdrawn or has ended. Add the card again, or use another one."),
    again: false,
  }),
  sca_invalid: () => ({
    title: t("The passkey did not fit"),
    text: t("Please try again. If it does not help, restart your browser."),
    again: true,
  }),
  unavailable: () => ({
    title: t("Your bank can't be reached"),
    text: t("Please try again in a few minutes. Nothing was stored."),
    again: true,
  }),
  payment_unknown: () => ({
    title: t("The shop does not know this payment"),
    text: t("It may have been paid or cancelled already. Go back to the shop to see."),
    again: false,
  }),
  payment_closed: () => ({
    title: t("This order is not waiting for a payment"),
    text: t("It may have been paid or cancelled already. Go back to the shop to see."),
    again: false,
  }),
};

/** The words for `error`, which may be anything that was thrown. */
export function problem(error, host = "") {
  const known = BY_CODE[error?.code];
  if (known) return { code: error.code, ...known(host) };
  return {
    code: error?.code ?? "error",
    title: t("Something is not as it should be"),
    text: t("We stopped before anything was signed or paid. If it happens again, tell the shop this word: {code}", {
      code: error?.code ?? error?.name ?? "error",
    }),
    again: true,
  };
}
