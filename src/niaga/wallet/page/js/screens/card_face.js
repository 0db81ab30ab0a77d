/* A card as one knows it, from what may be shown of it. */
import { h } from "../dom.js";
import { t } from "../words.js";

/** Texts of the face; `number` is what is known of it, bullets for the rest. */
export function cardFace({ brand = "", number, holder = "", expiry = "", off = false }) {
  return h(`div.card-face${off ? ".off" : ""}`, { role: "img", "aria-label": `${brand} ${number}`.trim() },
    h("div.top", {}, h("span.chip", {}), h("span", { "data-face": "brand" }, brand)),
    h("div.number", { "data-face": "number" }, number),
    h("div.bottom", {},
      h("span", {}, h("small", {}, t("Name on the card")), h("span", { "data-face": "holder" }, holder || " ")),
      h("span", {}, h("small", {}, t("Valid until")), h("span", { "data-face": "expiry" }, expiry || " "))));
}
