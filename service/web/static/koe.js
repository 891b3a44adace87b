// Keys for those who live here: j k move, Enter opens, / searches, a accepts, d dismisses, u undoes, ? helps.
// Everything works without this file; it only saves reaching for the mouse.
const rows = () => [...document.querySelectorAll("[data-row] a, a[data-row]")];

function move(step) {
  const all = rows();
  if (!all.length) return;
  const next = all.indexOf(document.activeElement) + step;
  const target = all[Math.max(0, Math.min(all.length - 1, next))];
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

const press = (selector) => document.querySelector(selector)?.click();
const focus = (selector) => document.querySelector(selector)?.focus();
const keys = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => focus("input[type=search]"),
  a: () => press("[data-accept]"),
  d: () => focus("[data-dismiss]"),
  u: () => press("[data-undo]"),
  "?": () => document.querySelector("footer details")?.toggleAttribute("open"),
};

document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

// Filters apply as soon as they are chosen.
for (const select of document.querySelectorAll(".filters select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A sentence of a draft lights what it rests on.
function light(sentence) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  sentence.classList.add("lit");
  for (const id of sentence.dataset.cites.split(" ")) document.getElementById(id)?.classList.add("lit");
  document.getElementById(sentence.dataset.cites.split(" ")[0])?.scrollIntoView({ block: "nearest" });
}
for (const sentence of document.querySelectorAll(".sentence")) {
  sentence.addEventListener("click", () => light(sentence));
  sentence.addEventListener("keydown", (event) => event.key === "Enter" && light(sentence));
}
