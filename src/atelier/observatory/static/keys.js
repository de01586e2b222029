// The keyboard: one letter each, never while somebody types.

const PLACES = { r: "/", c: "/claims", w: "/workflows", s: "/stages", i: "/integrity", m: "/cost", y: "/why" };

const typing = (at) => at.closest?.("input, textarea, select, [contenteditable]") !== null;

export function keys(page) {
  const dialog = page.getElementById("keys-dialog");
  let going = false;

  page.getElementById("keys")?.addEventListener("click", () => dialog.showModal());
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target) || dialog.open) return;
    if (going) {
      going = false;
      if (PLACES[event.key]) location.assign(PLACES[event.key]);
      return;
    }
    const act = { "/": find, "?": () => dialog.showModal(), g: go, j: () => move(1), k: () => move(-1), Enter: open }[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });

  function find() {
    page.getElementById("find").focus();
  }
  function go() {
    going = true;
    setTimeout(() => (going = false), 1000);
  }
  function move(step) {
    if (page.body.classList.contains("reader")) return false;
    const rows = [...page.querySelectorAll(".grid tbody tr")];
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    rows[at]?.classList.remove("at");
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  function open(event) {
    if (event.target !== page.body && event.target.id !== "main") return false;
    const link = page.querySelector(".grid tr.at a");
    if (!link) return false;
    link.click();
    return true;
  }
}
