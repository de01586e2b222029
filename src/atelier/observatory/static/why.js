// A file is asked about by its mark, or by its digest where it has none: it stays where it is.

const MARK = /<!-- atelier:(sha256:[0-9a-f]{64}) -->/g;
// A longer question does not fit into an address.
const LONGEST = 5000;

const form = document.querySelector(".ask");
const asked = form.elements.q;

async function named(bytes) {
  const text = new TextDecoder().decode(bytes);
  const marks = [...text.matchAll(MARK)];
  if (marks.length) return marks.at(-1)[1];
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function ask(bytes) {
  asked.value = await named(bytes);
  form.submit();
}

form.addEventListener("submit", (event) => {
  if (asked.value.length <= LONGEST) return;
  event.preventDefault();
  ask(new TextEncoder().encode(asked.value));
});
document.getElementById("file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (file) ask(await file.arrayBuffer());
});
