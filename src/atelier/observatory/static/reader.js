// The reader: a sentence lights its spans, a span lights every claim that rests on it. The links do
// the same without a script; here nothing is loaded again and nothing jumps.

const page = document;
const sentences = [...page.querySelectorAll(".sentence")];
const spans = [...page.querySelectorAll(".span")];
const cards = [...page.querySelectorAll(".claim[data-claim]")];
const hint = page.querySelector(".hint");
const letGo = page.querySelector(".let-go");
const none = page.querySelector(".no-claim");
const wide = matchMedia("(min-width: 60rem)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const named = (at, name) => new Set((at.dataset[name] ?? "").split(" ").filter(Boolean));
const meets = (some, others) => [...some].some((one) => others.has(one));

function light({ claims, citations, sentence }) {
  for (const one of sentences) {
    const is = sentence ? one === sentence : meets(named(one, "claims"), claims);
    one.classList.toggle("lit", is);
    if (one === sentence) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  for (const one of spans) one.classList.toggle("lit", meets(named(one, "citations"), citations));
  for (const card of cards) card.hidden = !claims.has(card.dataset.claim);
  hint.hidden = claims.size > 0 || citations.size > 0 || Boolean(sentence);
  letGo.hidden = !hint.hidden;
  none.hidden = claims.size > 0 || !sentence;
  page.getElementById("claims-beside").scrollTop = 0;
}

function show(at) {
  if (!at) return;
  at.closest("details")?.setAttribute("open", "");
  at.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
}

function choose(link) {
  if (link.matches(".sentence")) {
    light({ claims: named(link, "claims"), citations: named(link, "citations"), sentence: link });
    if (wide.matches) show(spans.find((one) => one.classList.contains("lit")));
  } else {
    light({ claims: named(link, "claims"), citations: named(link, "citations") });
    show(sentences.find((one) => one.classList.contains("lit")));
  }
  history.replaceState(null, "", link.getAttribute("href"));
}

// Whoever was among what is put away goes back to the sentence that it was of.
function release() {
  const beside = page.getElementById("claims-beside").contains(page.activeElement);
  if (beside) page.querySelector(".sentence.lit")?.focus({ preventScroll: true });
  light({ claims: new Set(), citations: new Set() });
  history.replaceState(null, "", location.pathname);
}

page.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest(".sentence, .span");
  if (link) {
    event.preventDefault();
    // Chosen once more by a key, a sentence hands the keyboard on to what it rests on.
    const again = event.detail === 0 && link.getAttribute("aria-current");
    choose(link);
    if (again) page.getElementById("claims-beside").focus();
    return;
  }
  const first = event.target.closest("[data-line]");
  if (first) {
    event.preventDefault();
    const sentence = page.getElementById(first.dataset.line);
    choose(sentence);
    sentence.scrollIntoView({ block: "nearest" });
    return;
  }
  if (event.target.closest(".let-go a")) {
    event.preventDefault();
    release();
    return;
  }
  const cited = event.target.closest("[data-citation]");
  if (cited) {
    event.preventDefault();
    show(spans.find((one) => named(one, "citations").has(cited.dataset.citation)));
  }
});

page.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  if (event.key === "Escape") release();
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !sentences.length) return;
  const at = sentences.findIndex((one) => one.getAttribute("aria-current"));
  const next = sentences[Math.max(0, Math.min(sentences.length - 1, at + step))];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  choose(next);
});
