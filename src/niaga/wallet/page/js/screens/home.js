/* Home: the cards and payments of this browser, or why one would add a card. */
import { isExpired } from "../cards.js";
import { h, icon } from "../dom.js";
import * as store from "../store.js";
import { day, money, moment, t } from "../words.js";
import { begin, button, facts, heading, link, notice } from "../view.js";
import { cardFace } from "./card_face.js";
import { badge } from "./states.js";

export async function home() {
  const view = begin();
  const [cards, payments] = await Promise.all([store.cards(), store.payments()]);
  if (!cards.length && !payments.length) return view.show(t("Welcome"), welcome());
  const title = t("Your wallet");
  return view.show(title, h("div.split", {},
    h("div.stack-lg", {}, heading(title), paymentList(payments)),
    h("div.aside.stack", {}, h("h2", {}, t("Cards")), cards.map(cardLink),
      link(t("Add a card"), "#add", { symbol: "plus" }))));
}

const promise = (symbol, tone, title, text) =>
  h("li", {}, h(`span.disc${tone}`, {}, icon(symbol)),
    h("div", {}, h("b", {}, title), h("p.muted.small", {}, text)));

export const promises = () => h("ul.promises", {},
  promise("store", "", t("The shop never sees your card"),
    t("It learns that you paid, and nothing about what you paid with.")),
  promise("landmark", ".indigo", t("The bank never sees what you buy"),
    t("It learns whom to pay and how much, and nothing about your basket.")),
  promise("key-round", ".leaf", t("Only you can pay"),
    t("Each payment needs your fingerprint, face or PIN on this device.")));

const welcome = () => h("div.halves", {},
  h("div.stack-lg", {},
    heading(t("Pay by card without showing your card"),
      t("Your wallet lives in this browser. Add a card once; then a payment is one touch.")),
    promises(),
    h("div.buttons", {}, link(t("Add a card"), "#add", { symbol: "credit-card", kind: "primary" })),
    h("p.muted.small", {}, t("New phone, or this browser was cleared? Simply add your card again."))),
  h("div", {}, cardFace({ number: "•••• •••• •••• ••••", holder: t("Your name"), expiry: "••/••" })));

const cardLink = (card) => h("a", { href: `#card=${card.id}`, class: "stack tight" },
  cardFace({ brand: card.type === "card" ? "" : card.type, number: card.label, off: isExpired(card) }),
  isExpired(card) ? h("span.badge.badge-warning", {}, icon("triangle-alert"), t("Add it again to pay with it")) : null);

const paymentList = (payments) => h("section.stack", {},
  h("h2", {}, t("Payments")),
  payments.length
    ? h("ul.panel.flush.list", {}, payments.map(paymentRow))
    : h("p.panel.muted", {}, t("Nothing yet. When a shop asks you to pay, it brings you here.")));

const paymentRow = (payment) => h("li", {},
  h("a", { href: `#payment=${payment.xid}` },
    h("span.disc", {}, icon("store")),
    h("span.what", {}, h("b", {}, payment.merchant), h("span.muted.small", {}, moment(payment.signedAt))),
    h("span.end", {}, h("b.num", {}, money(payment.terms.amount)), badge(payment.state))));

/** One card: what is known of it, and how to be rid of it. */
export async function cardScreen(id) {
  const view = begin();
  const card = await store.card(id);
  if (!card) return home();
  const title = t("Card {label}", { label: card.label });
  return view.show(title, h("div.narrow.stack-lg", {},
    h("a", { href: "#" }, `← ${t("Your wallet")}`),
    heading(title),
    cardFace({ number: card.label, off: isExpired(card) }),
    isExpired(card) ? notice("warning", "triangle-alert",
      t("This card was not used for a while, and its certificate has ended. Add it again to pay with it.")) : null,
    h("div.panel", {}, facts([
      [t("Added"), day(card.enrolledAt)],
      [t("Certificate until"), t("{day}, renewed by itself", { day: day(card.notAfter) })],
      [t("Certified by"), card.brand],
      [t("Confirmed by"), t("your passkey on this device")],
    ])),
    h("div.buttons", {},
      isExpired(card) ? link(t("Add it again"), "#add", { symbol: "refresh-cw", kind: "primary" }) : null,
      button(t("Remove this card"), () => askToRemove(card), { symbol: "trash-2", kind: "danger" }))));
}

function askToRemove(card) {
  const remove = async () => {
    await store.removeCard(card.id);
    dialog.close();
    location.hash = "";
  };
  const dialog = h("dialog", { "aria-labelledby": "removing" }, h("div.stack", {},
    h("h2", { id: "removing" }, t("Remove this card?")),
    h("p.muted", {}, t("Its key is deleted for good; payments made stay listed. To use the card again, add it again.")),
    h("div.buttons", {},
      button(t("Remove"), remove, { kind: "danger" }),
      button(t("Keep it"), () => dialog.close(), { kind: "outline" }))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
