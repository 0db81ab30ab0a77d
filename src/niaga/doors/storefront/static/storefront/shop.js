// The shop's own small comforts; everything works without them.

// Thumbnails slide the gallery, and the gallery marks its thumbnail.
const slides = document.querySelector(".slides");
const thumbs = [...document.querySelectorAll("[data-slide]")];
thumbs.forEach((thumb) => thumb.addEventListener("click", (event) => {
  event.preventDefault();
  slides.scrollTo({ left: slides.clientWidth * Number(thumb.dataset.slide), behavior: "smooth" });
}));
slides?.addEventListener("scroll", () => {
  const shown = Math.round(slides.scrollLeft / slides.clientWidth);
  thumbs.forEach((thumb, n) => thumb.toggleAttribute("aria-current", n === shown));
}, { passive: true });

// What is folded out stays so when a filter changes the list.
let folded = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "listing") return;
  folded = new Map([...document.querySelectorAll("#listing details[id]")].map((d) => [d.id, d.open]));
});
document.addEventListener("htmx:afterSwap", () => {
  folded.forEach((open, id) => { const d = document.getElementById(id); if (d) d.open = open; });
  folded.clear();
});
