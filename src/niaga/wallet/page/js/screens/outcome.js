/* What became of a payment, and the receipt one can check again at any time. */
import { h, icon } from "../dom.js";
import * as payments from "../payments.js";
import * as store from "../store.js";
import { clock, money, moment, t } from "../words.js";
import { begin, button, facts, heading, link, outcome } from "../view.js";
import { home } from "./home.js";
import { orderLines } from "./order.js";
import { badge } from "./states.js";

const OUTCOMES = {
  paid: () => ({
    tone: "good", symbol: "check", title: t("Paid"),
    text: t("The bank's own receipt says so, and we checked it."),
  }),
  declined: (p) => ({
    tone: "bad", symbol: "ban", title: t("Your bank declined the payment"),
    text: payments.receiptOf(p)?.reason === "insufficient_funds"
      ? t("There is not enough money on this card's account. Nothing was charged; another card may do.")
      : t("Nothing was charged. You can try again or use another card."),
  }),
  voided: () => ({
    tone: "wait", symbol: "undo-2", title: t("The payment was cancelled"),
    text: t("Nothing was charged. You can go back to the shop and pay again."),
  }),
  expired: () => ({
    tone: "wait", symbol: "clock", title: t("The payment never reached the shop"),
    text: t("Your consent has ended, so it can't be charged any more. You can try again."),
  }),
  refused: (p) => ({
    tone: "bad", symbol: "circle-alert", title: t("The shop did not accept the payment"),
    text: t("It says nothing was charged; your consent ends at {time} in any case. The shop's word: {code}", { time: clock(p.until), code: p.code }),
  }),
};
const told = (payment) => ({ amount: money(payment.terms.amount), merchant: payment.merchant });

/** Tell what became of a settled payment; `again(url)` fetches a new offer, where that is a way on. */
export function showOutcome(view, payment, again) {
  const found = OUTCOMES[payment.state](payment);
  const paid = payment.state === "paid";
  view.show(found.title, outcome({
    ...found,
    ways: [
      paid || !again ? null : button(t("Try again"), () => again(payment.url), { symbol: "rotate-ccw", wide: true }),
      link(t("Back to {merchant}", told(payment)), payment.url, { kind: paid ? "primary" : "outline", wide: true, symbol: "arrow-left" }),
      link(t("See the receipt"), `#payment=${payment.xid}`, { kind: "quiet", symbol: "receipt" }),
    ].filter(Boolean),
  }, h("div.panel", {}, facts([
    [t("Amount"), money(payment.terms.amount)],
    [t("Shop"), payment.merchant],
    payment.orderId ? [t("Order"), payment.orderId] : null,
    [t("Card"), payment.cardLabel],
    [t("Signed"), moment(payment.signedAt)],
  ]))));
}

/** One payment: its receipt, and the checks made anew from what is kept. */
export async function paymentScreen(xid) {
  const view = begin();
  const payment = await store.payment(xid);
  if (!payment) return home();
  const receipt = payments.receiptOf(payment);
  const checks = h("ul.checks", { "aria-live": "polite" });
  const title = t("{amount} to {merchant}", told(payment));
  view.show(title, h("div.split", {},
    h("div.stack-lg", {},
      h("a", { href: "#" }, `← ${t("Your wallet")}`),
      h("div.row.between", {}, heading(title), badge(payment.state)),
      h("div.panel", {}, facts([
        [t("Signed"), moment(payment.signedAt)],
        [t("Card"), payment.cardLabel],
        payment.orderId ? [t("Order"), payment.orderId] : null,
        receipt?.auth_id ? [t("Bank's reference"), h("span.mono", {}, receipt.auth_id)] : null,
        [t("Payment number"), h("span.mono", {}, payment.xid)],
      ])),
      orderLines(payment.order)),
    h("div.aside.stack", {},
      h("div.panel.stack", {}, h("h2", {}, t("Checked just now")), checks,
        h("p.muted.small", {}, t("From what this browser keeps, without asking anyone."))),
      payments.SETTLED.has(payment.state) ? null
        : link(t("Ask what became of it"), `#pay=${encodeURIComponent(payment.url)}`, { symbol: "refresh-cw", kind: "primary" }),
      link(t("Back to {merchant}", told(payment)), payment.url, { symbol: "arrow-up-right" }),
      button(t("Save as a file"), () => save(payment), { symbol: "download", kind: "outline" }))));
  checks.replaceChildren(...checkRows(await payments.recheck(payment), receipt));
}

function checkRows(found, receipt) {
  const words = {
    offer: t("The shop signed this offer."),
    order: t("The order is the one that was offered."),
    consent: t("You signed exactly this payment."),
    answer: receipt ? t("The bank signed the receipt, for this payment and amount.") : t("The shop signed its answer."),
  };
  return Object.entries(found).map(([name, good]) => h("li", {},
    icon(good ? "circle-check" : "circle-alert", good ? "good" : "bad"),
    h("span", {}, good ? words[name] : t("Does not hold: {what}", { what: words[name] }))));
}

function save(payment) {
  const { offerAnswer, request, answer, statuses } = payment;
  const kept = { offer: offerAnswer, request: JSON.parse(request), payment_half: payment.paymentHalf, answer, statuses };
  const href = URL.createObjectURL(new Blob([JSON.stringify(kept, null, 1)], { type: "application/json" }));
  h("a", { href, download: `niaga-payment-${payment.xid}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
