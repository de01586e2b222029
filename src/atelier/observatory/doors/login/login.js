// Exchanges the one-time secret of the link for a cookie that no script can read. The secret stands
// behind the `#`, so it is in no request line; it leaves the address bar before anything is sent.
const secret = new URLSearchParams(location.hash.slice(1)).get("t");

const said = document.getElementById("said");
if (secret) history.replaceState(null, "", "/login");
if (secret?.startsWith("atelier_")) {
  // Who has a token could send a link with it, and others would go on under their name.
  said.textContent = "A token is not taken from a link. Give it here, if it is yours.";
} else if (secret) {
  said.textContent = "Signing in …";
  const answer = await fetch("/login", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ t: secret }),
  });
  if (answer.ok) location.replace("/");
  else said.textContent = "This link was used already, or has expired. Start atelier serve again, or give a token.";
}
