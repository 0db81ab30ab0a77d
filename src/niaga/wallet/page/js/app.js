/* The wallet: from the address's fragment to a screen. Fragments never reach a server. */
import { renewDue } from "./cards.js";
import { h, icon } from "./dom.js";
import { problem } from "./problems.js";
import { begin, outcome } from "./view.js";
import { choose, language, t } from "./words.js";
import { addCard } from "./screens/enrol.js";
import { cardScreen, home } from "./screens/home.js";
import { paymentScreen } from "./screens/outcome.js";
import { pay } from "./screens/pay.js";

const THEME = "niaga-wallet-theme";

/** Show what the fragment asks for; what nobody foresaw is told, too. */
async function go() {
  try {
    await screen();
  } catch (error) {
    const { title, text } = problem(error);
    begin().show(title, outcome({ tone: "bad", symbol: "circle-alert", title, text }));
  }
}

function screen() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (wanted.has("pay")) return pay(wanted.get("pay"));
  if (wanted.has("payment")) return paymentScreen(wanted.get("payment"));
  if (wanted.has("card")) return cardScreen(wanted.get("card"));
  if (wanted.has("add")) return addCard();
  return home();
}

function frame() {
  document.documentElement.lang = language();
  document.getElementById("skip").textContent = t("Skip to the content");
  document.getElementById("product").textContent = t("Wallet");
  const [other, name] = language() === "id" ? ["en", "English"] : ["id", "Bahasa Indonesia"];
  document.getElementById("switches").replaceChildren(
    h("button.btn.btn-quiet", { type: "button", lang: other, click: () => speak(other) }, icon("languages"),
      h("span", { "aria-hidden": "true" }, other.toUpperCase()), h("span.sr-only", {}, name)),
    h("button.btn.btn-quiet", { type: "button", "aria-label": t("Light or dark"), click: turnTheme }, icon("moon")),
  );
  document.getElementById("foot").replaceChildren(
    h("span", {}, icon("lock"), t("Everything stays in this browser: no account, no cookies, no tracking.")));
}

function speak(code) {
  choose(code);
  frame();
  go();
}

function turnTheme() {
  const { dataset } = document.documentElement;
  const dark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.theme = dark ? "light" : "dark";
  localStorage.setItem(THEME, dataset.theme);
}

addEventListener("hashchange", go);
// A page taken from the back-forward cache may show a payment that has moved on since.
addEventListener("pageshow", (event) => event.persisted && go());
frame();
await go();
await renewDue();
