/* Add a card: type it, confirm with a passkey, and it is sealed to its bank. */
import { asExpiry, brandOf, grouped, problems } from "../card.js";
import { enrol } from "../cards.js";
import { config } from "../config.js";
import { h, icon } from "../dom.js";
import * as passkey from "../passkey.js";
import { problem } from "../problems.js";
import { t } from "../words.js";
import { announce, begin, button, heading, link, notice, outcome } from "../view.js";
import { cardFace } from "./card_face.js";

const FIELDS = ["number", "expiry", "cvc", "holder"];
const STEPS = {
  key: () => t("Making a key that never leaves this device"),
  passkey: () => t("Making your passkey: follow your device"),
  confirm: () => t("Confirming with your passkey"),
  bank: () => t("Asking your bank, sealed for its eyes only"),
};

/** Ask for a card; once it is added go on by `next()`, or show that it is done. */
export function addCard(next = null) {
  const view = begin();
  const title = t("Add a card");
  if (!passkey.isAvailable() || !navigator.locks) {
    return view.show(title, outcome({
      tone: "bad", symbol: "key-round", title: t("This browser has no passkeys"),
      text: t("Open the wallet in a current browser, on a device that checks your fingerprint, face or PIN."),
    }));
  }
  const face = cardFace({ number: "•••• •••• •••• ••••", expiry: "••/••" });
  const form = cardForm(face, (values) => submit(view, values, next));
  view.show(title, h("div.halves", {}, h("div.stack-lg", {},
    heading(title, t("Only your bank can read what you type here: it is encrypted before it leaves this page.")), form),
    h("div.stack", {}, face, h("p.muted.small.row.nowrap", {}, icon("lock"),
      h("span", {}, t("Neither the shop nor this wallet's server gets your card's number."))))));
  form.elements.number.focus();
}

function cardForm(face, send) {
  const show = (part, text) => {
    face.querySelector(`[data-face=${part}]`).textContent = text;
  };
  const fields = [
    field("number", t("Card number"), { autocomplete: "cc-number", inputmode: "numeric", maxlength: 23, class: "digits", placeholder: "1234 5678 9012 3456" }, true),
    field("expiry", t("Valid until"), { autocomplete: "cc-exp", inputmode: "numeric", maxlength: 5, class: "digits", placeholder: t("MM/YY") }),
    field("cvc", t("Security code"), { autocomplete: "cc-csc", inputmode: "numeric", maxlength: 4, class: "digits", placeholder: "123" }),
    field("holder", t("Name on the card"), { autocomplete: "cc-name", maxlength: 60, autocapitalize: "characters" }, true),
  ];
  const form = h("form.form", { novalidate: true, submit: (event) => {
    event.preventDefault();
    const values = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
    if (!showProblems(form, problems(values, Date.now()))) send(values);
  } }, fields, h("div.full", {}, h("button.btn.btn-primary.btn-wide", { type: "submit" }, icon("key-round"), t("Add with passkey"))));
  form.addEventListener("input", ({ target }) => {
    if (target.name === "number") keepCaret(target, grouped);
    if (target.name === "expiry") keepCaret(target, asExpiry);
    showProblem(form, target.name, "");
    const { number, expiry, holder } = form.elements;
    show("number", (grouped(number.value) + "•••• •••• •••• ••••".slice(grouped(number.value).length)).slice(0, 23));
    show("brand", brandOf(number.value));
    show("expiry", expiry.value || "••/••");
    show("holder", holder.value || " ");
  });
  return form;
}

function keepCaret(input, format) {
  const atEnd = input.selectionStart === input.value.length;
  const [before, made] = [input.selectionStart, format(input.value)];
  if (made !== input.value) {
    input.value = made;
    if (!atEnd) input.setSelectionRange(before, before);
  }
}

const field = (name, label, attributes, full = false) =>
  h(`div.field${full ? ".full" : ""}`, {},
    h("label", { for: name }, label),
    h("input", { id: name, name, type: "text", required: true, "aria-describedby": `${name}-error`, ...attributes }),
    h("p.error", { id: `${name}-error`, hidden: true }));

function showProblem(form, name, words) {
  const error = form.querySelector(`#${name}-error`);
  error.hidden = !words;
  error.textContent = words;
  form.elements[name].setAttribute("aria-invalid", String(Boolean(words)));
}

/** Show each field's problem beside it; true if there is one, the focus then on the first. */
function showProblems(form, found) {
  for (const name of FIELDS) showProblem(form, name, name in found ? t(found[name]) : "");
  const [first] = Object.keys(found);
  if (first) {
    form.elements[first].focus();
    announce(t(found[first]));
  }
  return Boolean(first);
}

async function submit(view, values, next) {
  const list = h("ol.steps", {}, Object.entries(STEPS).map(([name, words], i) =>
    h("li", { "data-step": name }, h("span.dot", {}, String(i + 1)), words())));
  const title = t("Adding your card");
  view.show(title, h("div.narrow.stack-lg", {}, heading(title), h("div.panel", {}, list)));
  try {
    const card = await enrol(values, (step) => mark(list, step));
    navigator.storage?.persist?.().catch(() => {});
    if (view.current) await (next ? next() : done(view, card));
  } catch (error) {
    const { title: what, text } = problem(error, new URL(config.authority).host);
    view.show(what, outcome({
      tone: "bad", symbol: "circle-alert", title: what, text,
      ways: [button(t("Try again"), () => addCard(next), { symbol: "rotate-ccw", wide: true }),
        link(t("Your wallet"), "#", { wide: true })],
    }));
  }
}

function mark(list, step) {
  const items = [...list.children];
  const at = items.findIndex((item) => item.dataset.step === step);
  items.forEach((item, i) => {
    item.className = i < at ? "done" : i === at ? "now" : "";
    if (i < at) item.querySelector(".dot").replaceChildren(icon("check"));
  });
  announce(STEPS[step]());
}

function done(view, card) {
  const title = t("Your card is ready");
  view.show(title, outcome({
    tone: "good", symbol: "check", title,
    text: t("Pay with it by one touch, wherever this wallet is taken."),
    ways: [link(t("Your wallet"), "#", { kind: "primary", wide: true })],
  }, cardFace({ number: card.label }), notice("info", "info",
    t("Keys stay on this device. On another phone or browser, add the card there too."))));
}
