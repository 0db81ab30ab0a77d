/* Pay: show what is asked for and by whom, have it confirmed, tell what became of it. */
import { isExpired } from "../cards.js";
import { h, icon } from "../dom.js";
import * as payments from "../payments.js";
import { problem } from "../problems.js";
import * as store from "../store.js";
import { clock, money, t } from "../words.js";
import { announce, begin, busy, button, heading, link, notice, outcome } from "../view.js";
import { addCard } from "./enrol.js";
import { orderLines } from "./order.js";
import { promises } from "./home.js";
import { showOutcome } from "./outcome.js";

const TRIES = 10;
const PAUSE_MS = 2000;

/** Pay what `link` (from the shop) asks for; one that was signed before is taken up again. */
export async function pay(shopLink) {
  const view = begin();
  busy(view, t("Reading the order"));
  let url;
  try {
    url = payments.paymentUrl(shopLink);
  } catch (error) {
    return showProblem(view, error);
  }
  const before = (await store.paymentsAt(url)).find(payments.isAlive);
  if (before) return follow(view, before, payments.settle);
  return review(view, url);
}

/** Fetch an offer for one of the cards and show it. */
async function review(view, url, chosen) {
  const cards = (await store.cards()).filter((card) => !isExpired(card));
  if (!cards.length) return askForCard(view, url);
  const card = cards.find(({ id }) => id === chosen) ?? cards[0];
  busy(view, t("Reading the order"), t("We check who asks, and what for."));
  try {
    showOffer(view, await payments.fetchOffer(url, card.brand), cards, card);
  } catch (error) {
    showProblem(view, error, url);
  }
}

function askForCard(view, url) {
  const title = t("First add a card");
  view.show(title, h("div.narrow.stack-lg", {},
    heading(title, t("{host} asks for a payment. Add your card once, then confirm the order.", { host: new URL(url).host })),
    promises(),
    button(t("Add a card"), () => addCard(() => review(begin(), url)), { symbol: "credit-card", wide: true }),
    link(t("Back to the shop"), url, { wide: true })));
}

function showOffer(view, offer, cards, card) {
  const { message: order } = offer.checkout;
  const terms = offer.offer.message;
  const title = t("Pay {amount}", { amount: money(terms.amount) });
  const status = h("div", { "aria-live": "polite" });
  const confirm = button(t("Confirm with passkey"), () => sign(view, offer, card, confirm, status), {
    symbol: "key-round", wide: true, id: "confirm",
  });
  view.show(title, h("div.split", {},
    h("div.stack", {},
      h("div.payee", {}, h("span.disc", {}, icon("store")), h("div", {},
        h("h1", {}, offer.merchant.name),
        h("p.muted.small.row.tight.nowrap", {}, icon("badge-check"), t("Verified: {host}", { host: new URL(terms.iss).host })))),
      orderLines(order)),
    h("div.aside.panel.stack", {},
      h("div", {}, h("p.muted", {}, t("You pay")), h("p.amount", {}, money(terms.amount))),
      cardChoice(cards, card, (id) => review(view, offer.url, id)),
      status,
      confirm,
      h("p.muted.small.center", {}, t("The offer is good until {time}. The shop won't see your card, the bank won't see this list.", { time: clock(terms.exp * 1000) })),
      link(t("Back to the shop without paying"), offer.url, { kind: "quiet" }))));
  setTimeout(() => view.current && !confirm.disabled && expire(confirm, status, view, offer), Math.max(0, terms.exp * 1000 - Date.now()));
}

function expire(confirm, status, view, offer) {
  confirm.disabled = true;
  const { title, text } = problem({ code: "stale" });
  status.replaceChildren(notice("warning", "clock", h("b", {}, title), h("p", {}, text)),
    button(t("Get a new offer"), () => review(view, offer.url), { kind: "outline", wide: true }));
}

const cardChoice = (cards, chosen, change) => h("fieldset.stack.tight", {},
  h("legend.sr-only", {}, t("Pay with")),
  cards.map((card) => h("label.choice", {},
    h("span.card-mini", {}),
    h("span.what", {}, h("b.num", {}, card.label), h("small.muted", {}, card.brand)),
    h("input", { type: "radio", name: "card", value: card.id, checked: card.id === chosen.id, change: () => change(card.id) }))));

async function sign(view, offer, card, confirm, status) {
  confirm.disabled = true;
  status.replaceChildren(notice("info", "key-round", t("Follow your device: fingerprint, face or PIN.")));
  let payment;
  try {
    payment = await payments.sign(offer, card);
  } catch (error) {
    const { title, text, code } = problem(error, new URL(offer.url).host);
    if (code === "stale") return expire(confirm, status, view, offer);
    status.replaceChildren(notice("error", "circle-alert", h("b", {}, title), h("p", {}, text)));
    confirm.disabled = false;
    confirm.focus();
    return announce(title);
  }
  return follow(view, payment, payments.send);
}

/** Send or ask until it is settled, for a while; then leave it to the person when to ask again. */
async function follow(view, payment, step) {
  if (payments.SETTLED.has(payment.state)) return showOutcome(view, payment);
  const title = t("Asking the bank");
  busy(view, title, t("{merchant} passes your sealed payment to the bank. Please stay a moment.", { merchant: payment.merchant }));
  let current = payment;
  let failure = null;
  let next = step;
  for (let tries = 0; tries < TRIES && view.current; tries++) {
    try {
      current = await next(current);
      failure = null;
    } catch (error) {
      failure = error;
      if (error?.code !== "unreachable" && error?.code !== "too_many_requests") break;
    }
    if (payments.SETTLED.has(current.state)) return showOutcome(view, current, (url) => review(view, url));
    next = payments.settle;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return showWaiting(view, current, failure);
}

function showWaiting(view, payment, failure) {
  const found = failure && problem(failure, new URL(payment.url).host);
  const title = found && !found.again ? found.title : t("No word from the bank yet");
  view.show(title, outcome({
    tone: "wait", symbol: "hourglass", title,
    text: t("Your payment is written down and will never be made twice. You may close this page: it goes on from here when you come back."),
    ways: [
      button(t("Ask again"), () => follow(view, payment, payments.settle), { symbol: "refresh-cw", wide: true }),
      link(t("Back to the shop"), payment.url, { wide: true }),
    ],
  }, found ? notice("warning", "info", h("b", {}, found.title), h("p", {}, found.text)) : null));
}

function showProblem(view, error, url) {
  const found = problem(error, url ? new URL(url).host : "");
  const symbol = found.code === "stale" ? "clock" : "circle-alert";
  view.show(found.title, outcome({
    tone: found.again ? "wait" : "bad", symbol, title: found.title, text: found.text,
    ways: [
      url && found.again ? button(t("Try again"), () => review(view, url), { symbol: "rotate-ccw", wide: true }) : null,
      url ? link(t("Back to the shop"), url, { wide: true }) : null,
      link(t("Your wallet"), "#", { kind: "quiet" }),
    ].filter(Boolean),
  }));
}
