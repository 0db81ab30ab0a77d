/* The one place of the page that changes: a screen replaces another, and says so to everyone. */
import { h, icon } from "./dom.js";
import { t } from "./words.js";

let generation = 0;

/** A view for one screen; once another was begun, this one shows nothing any more. */
export function begin() {
  const mine = ++generation;
  return {
    get current() {
      return mine === generation;
    },
    /** Show `content` under the heading `title`, move the focus there and have it read aloud. */
    show(title, ...content) {
      if (mine !== generation) return;
      document.title = `${title} · Niaga Wallet`;
      document.getElementById("screen").replaceChildren(...content.flat().filter(Boolean));
      const heading = document.querySelector("#screen h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
      scrollTo(0, 0);
      announce(title);
    },
  };
}

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

export const heading = (text, lead) =>
  h("div.stack.tight", {}, h("h1", {}, text), lead ? h("p.muted", {}, lead) : null);

export const button = (label, click, { symbol, kind = "primary", wide = false, ...more } = {}) =>
  h(`button.btn.btn-${kind}${wide ? ".btn-wide" : ""}`, { type: "button", click, ...more },
    symbol ? icon(symbol) : null, label);

export const link = (label, href, { symbol, kind = "outline", wide = false, ...more } = {}) =>
  h(`a.btn.btn-${kind}${wide ? ".btn-wide" : ""}`, { href, ...more }, symbol ? icon(symbol) : null, label);

export const notice = (kind, symbol, ...content) =>
  h(`div.notice.notice-${kind}`, { role: kind === "error" ? "alert" : null },
    icon(symbol), h("div", {}, ...content));

/** A sign, a headline and a sentence in the middle of the page, and ways on. */
export const outcome = ({ tone, symbol, title, text, ways = [] }, ...details) =>
  h("div.narrow.stack-lg", {},
    h("div.outcome", {},
      h(`div.sign.${tone}`, {}, symbol ? icon(symbol) : null),
      h("h1", {}, title),
      text ? h("p.muted", {}, text) : null),
    details,
    ways.length ? h("div.stack", {}, ways) : null);

export const busy = (view, title, text) =>
  view.show(title, outcome({ tone: "busy", title, text: text ?? t("One moment, please.") }));

export const facts = (rows) =>
  h("dl.facts", {}, rows.filter(Boolean).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value))));
