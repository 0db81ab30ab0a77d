/* A card as one knows it, from what may be shown of it. */
import { h } from "../dom.js";
import { t } from "../words.js";

/** Texts of the face; `number` is what is known of it, bullets for the rest. */
export function cardFace({ brand = "", number, holder = "", expiry = "", off = false }) {
  return h(`div.card-face${off ? ".off" : ""}`, { role: "img", "aria-label": `${brand} ${number}`.trim() },
    h("div.top", {}, h("span.chip", {}), h("span", { "data-face": "brand" }, brand)),
    h("div.number", { "data-face": "number" }, number),
    holder || expiry ? h("div.bottom", {},
      part("holder", t("Name on the card"), holder), part("expiry", t("Valid until"), expiry)) : h("div.bottom", {}));
}

const part = (name, label, text) =>
  h("span", {}, h("small", {}, label), h("span", { "data-face": name }, text || " "));
