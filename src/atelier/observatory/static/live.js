// A run that goes on: with each event the server draws the page again, and what differs is put in
// place. There is one rendering, the server's; a page without a script is loaded again by hand.

const WAIT = 500;
// The run and its pages share a processor: drawing may take a fortieth of it, and no more. What it
// takes is known from the first time, when this page was opened.
const SHARE = 40;
const LONGEST = 5000;
const KINDS = ["began", "stage-began", "stage-ended", "warned", "ended"];
const [opened] = performance.getEntriesByType("navigation");
let due = null;
let took = opened ? opened.responseEnd - opened.requestStart : 0;
let over = false;

function fetched() {
  return new Promise((resolve, reject) => {
    // Parsed as a document by the browser: no text ever becomes markup here.
    const request = new XMLHttpRequest();
    request.open("GET", location.pathname);
    request.responseType = "document";
    request.addEventListener("load", () => resolve(request.status === 200 ? request.response : null));
    request.addEventListener("error", reject);
    request.send();
  });
}

async function refresh() {
  due = null;
  const began = performance.now();
  const last = over;
  const fresh = await fetched().catch(() => null);
  took = performance.now() - began;
  if (!fresh || last !== over) return; // what was drawn before the end may arrive behind it
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && !next.isEqualNode(part) && !part.contains(document.activeElement)) {
      part.replaceWith(document.importNode(next, true));
    }
  }
  if (last) document.title = fresh.title;
}

function soon() {
  due ??= setTimeout(refresh, Math.min(Math.max(WAIT, SHARE * took), LONGEST));
}

const events = new EventSource(document.body.dataset.events);
events.addEventListener("over", () => {
  over = true;
  events.close();
  clearTimeout(due);
  refresh();
});
for (const kind of KINDS) events.addEventListener(kind, soon);
