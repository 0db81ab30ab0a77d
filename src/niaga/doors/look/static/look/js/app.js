// Small comforts on top of pages that work without them.
document.documentElement.classList.add("js");

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const input = step.parentElement.querySelector("input");
    const value = Number(input.value || 1) + Number(step.dataset.step);
    input.value = Math.min(Math.max(value, Number(input.min || 1)), Number(input.max || 999));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy).then(() => {
      const before = copy.textContent;
      copy.textContent = copy.dataset.copied || "✓";
      setTimeout(() => { copy.textContent = before; }, 1600);
    });
    return;
  }
  const thumb = event.target.closest("[data-stage]");
  if (thumb) {
    const stage = document.querySelector(thumb.dataset.stage);
    if (stage) {
      event.preventDefault();
      stage.src = thumb.href;
      thumb.parentElement.querySelectorAll("[aria-current]").forEach((t) => t.removeAttribute("aria-current"));
      thumb.setAttribute("aria-current", "true");
    }
  }
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("[data-autosubmit]")) target.form?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});

// Arrows walk through the suggestions below a search field, Escape leaves them.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form.search");
  const places = form ? [...form.querySelectorAll(".suggestions a")] : [];
  if (!places.length) return;
  const field = form.querySelector("input[type=search]");
  const now = places.indexOf(document.activeElement);
  if (event.key === "Escape") {
    form.querySelector(".suggestions").replaceChildren();
    field.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = now + (event.key === "ArrowDown" ? 1 : -1);
    (places[next] ?? (next < 0 ? field : places[now])).focus();
  }
});

// A page kept by the browser's back button may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => { delete form.dataset.sent; });
});

// The side bar of a portal starts closed on a phone.
if (window.matchMedia("(max-width: 900px)").matches) {
  document.querySelectorAll(".portal-side details[open], details.facets-drawer[open]").forEach((d) => d.removeAttribute("open"));
}

// Live parts: the server sends the part's HTML again when there is news.
document.querySelectorAll("[data-live]").forEach((part) => {
  const source = new EventSource(part.dataset.live);
  source.addEventListener("news", (event) => {
    const chosen = part.querySelector(".flows-filter input:checked")?.id;
    const known = part.querySelectorAll(".timeline > li").length;
    part.innerHTML = event.data;
    if (chosen) {
      const again = part.querySelector(`#${chosen}`);
      if (again) again.checked = true;
    }
    part.querySelectorAll(".timeline > li").forEach((li, n) => { if (n >= known) li.classList.add("fresh"); });
  });
  window.addEventListener("pagehide", () => source.close());
});
