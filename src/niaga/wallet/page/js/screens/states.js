/* Where a payment stands, in words and colours. */
import { h } from "../dom.js";
import { t } from "../words.js";

const STATES = {
  signed: ["warning", () => t("On its way")],
  pending: ["warning", () => t("Bank is deciding")],
  paid: ["success", () => t("Paid")],
  declined: ["danger", () => t("Declined")],
  voided: ["", () => t("Cancelled")],
  expired: ["", () => t("Never arrived")],
  refused: ["danger", () => t("Not accepted")],
};

export function badge(state) {
  const [tone, words] = STATES[state];
  return h(`span.badge${tone ? `.badge-${tone}` : ""}`, {}, words());
}
