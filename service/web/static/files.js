// A file is dropped, or chosen: either sends it at once. What is changed in how it is read is looked at again.
// Everything works without this file, by the field, the buttons and a reload.
const MEGABYTE = 1 << 20;
const zone = document.querySelector("[data-drop]");

function give(files) {
  const field = zone.querySelector("input[type=file]");
  const isOne = files.length === 1;
  const fits = [...files].every((file) => file.size <= zone.dataset.drop * MEGABYTE);
  zone.querySelector("[data-several]").hidden = isOne;
  zone.querySelector("[data-too-large]").hidden = !isOne || fits;
  if (!isOne || !fits) return (field.value = "");
  if (field.files !== files) field.files = files;
  zone.querySelector("[name=modified]").value = files[0].lastModified;
  zone.requestSubmit();
}

if (zone) {
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  // A file that misses the zone would be opened by the browser instead of Koe: the whole page takes it.
  document.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    zone.classList.remove("over");
    give(event.dataTransfer.files);
  });
  zone.querySelector("input[type=file]").addEventListener("change", (event) => give(event.target.files));
}

// Of two looks the last one that was asked for is shown, and the focus stays where it was.
let turn = 0;
document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-again]");
  if (!form) return;
  const asked = ++turn;
  const where = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  const looked = document.getElementById("looked");
  looked.setAttribute("aria-busy", "true");
  const answer = await fetch(where).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (asked !== turn) return;
  const fresh = page?.getElementById("looked");
  if (!fresh) return location.assign(where); // it is imported by now, or a mistake that the server explains
  const focused = document.activeElement?.id;
  looked.replaceWith(document.adoptNode(fresh));
  if (focused) document.getElementById(focused)?.focus();
  history.replaceState(null, "", where);
  document.querySelector("a.language").href = page.querySelector("a.language").href;
});
