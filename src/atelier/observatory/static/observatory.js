// What every page shares. Pages are whole without it.
import { keys } from "./keys.js";

const root = document.documentElement;
root.classList.add("scripted");

const COLOURS = ["", "light", "dark"];
const SAID = { "": "as the system", light: "light", dark: "dark" };

function theme(button) {
  const say = () => {
    const words = `Colours: ${SAID[root.dataset.theme ?? ""]}`;
    button.setAttribute("aria-label", words);
    button.title = words;
  };
  button.addEventListener("click", () => {
    const next = COLOURS[(COLOURS.indexOf(root.dataset.theme ?? "") + 1) % COLOURS.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    const age = next ? 31536000 : 0;
    document.cookie = `atelier-colours=${next}; path=/; max-age=${age}; samesite=strict`;
    say();
  });
  say();
}

// A digest is short on the page; a click hands on the whole one.
function copying(event) {
  const digest = event.target.closest?.(".digest[data-copy]");
  if (!digest || event.target.closest("a") || !navigator.clipboard) return;
  navigator.clipboard.writeText(digest.dataset.copy).then(
    () => {
      digest.classList.add("copied");
      setTimeout(() => digest.classList.remove("copied"), 1200);
    },
    () => digest.classList.remove("copied"),
  );
}

// A known value is put into its field; without a script its link opens the form filled in.
function filling(event) {
  const chip = event.target.closest?.("[data-fills]");
  if (!chip) return;
  event.preventDefault();
  const field = document.getElementById(chip.dataset.fills);
  field.value = chip.dataset.value;
  field.focus();
}

theme(document.getElementById("theme"));
document.addEventListener("click", copying);
document.addEventListener("click", filling);
keys(document);
// An empty filter says nothing, so it need not stand in the address.
document.getElementById("sift")?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
