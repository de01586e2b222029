// What a page must keep, looked at in the page itself: names, headings, landmarks, contrast, no inline
// style or script, nothing wider than the screen. Returns sentences; none where all is well.
(onlyInert) => {
  const wrong = [];
  const say = (what, at) => wrong.push(at ? `${what}: ${at.outerHTML.slice(0, 160)}` : what);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isShown = (at) => at.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });

  for (const at of all("[style]")) say("there is an inline style", at);
  for (const at of all("script:not([src]), style")) say("there is an inline script or style", at);
  for (const at of all("*")) for (const one of at.attributes) if (one.name.startsWith("on")) say("there is a handler in markup", at);
  for (const at of all("a[href], form[action], [src], use[href]")) {
    const given = at.getAttribute("href") ?? at.getAttribute("action") ?? at.getAttribute("src");
    const to = new URL(given, location.href);
    if (to.origin !== location.origin) say("something leads away", at);
  }

  if (onlyInert) return wrong.slice(0, 12);

  if (document.documentElement.lang !== "en") say("the page says no language");
  if (!document.title.trim()) say("the page has no title");
  if (all("main").length !== 1) say("there is not one main landmark");
  if (all("h1").filter(isShown).length !== 1) say("there is not one h1");

  let before = 0;
  for (const head of all("main :is(h1, h2, h3, h4, h5, h6)").filter(isShown)) {
    const level = Number(head.tagName[1]);
    if (level > before + 1) say(`a heading skips from ${before} to ${level}`, head);
    before = level;
  }

  const ids = new Set();
  for (const at of all("[id]")) {
    if (ids.has(at.id)) say("an id is there twice", at);
    ids.add(at.id);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "for", "list"]) {
    for (const at of all(`[${name}]`)) {
      for (const id of at.getAttribute(name).split(" ")) {
        if (!document.getElementById(id)) say(`${name} names nothing`, at);
      }
    }
  }

  const named = (at) => {
    const by = at.getAttribute("aria-labelledby");
    const text = by ? by.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ") : "";
    const label = at.labels?.length ? [...at.labels].map((one) => one.textContent).join(" ") : "";
    const inner = [...all("[aria-label]", at)].map((one) => one.getAttribute("aria-label")).join(" ");
    return (at.getAttribute("aria-label") || text || label || at.textContent || inner || "").trim() || inner.trim();
  };
  for (const at of all("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=img], [role=region], nav, dialog, [tabindex='0']")) {
    if (!named(at)) say("something has no name", at);
  }
  const navs = all("nav").filter(isShown).map((one) => one.getAttribute("aria-label"));
  if (new Set(navs).size !== navs.length) say(`two landmarks have one name: ${navs}`);
  for (const at of all("img:not([alt])")) say("an image has no alternative", at);
  for (const at of all("[tabindex]")) if (Number(at.getAttribute("tabindex")) > 0) say("the order of tabs is forced", at);
  for (const at of all("table")) if (!at.querySelector("th")) say("a table has no heads", at);
  for (const at of all("ul > :not(li), ol > :not(li)")) say("a list has what is no item", at);
  for (const at of all("dl > div")) if (!at.querySelector("dt") || !at.querySelector("dd")) say("a list of facts is not whole", at);

  const parsed = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    const scale = text.startsWith("color(srgb") ? 255 : 1;
    return { r: r * scale, g: g * scale, b: b * scale, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const ground = (at) => {
    const layers = [];
    for (let one = at; one; one = one.parentElement) {
      const color = parsed(getComputedStyle(one).backgroundColor);
      if (color.a > 0) layers.push(color);
      if (color.a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((one) => {
      const part = one / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.parentElement;
    if (!node.data.trim() || seen.has(at) || !isShown(at) || at.closest("option, [disabled], .sr, .skip, .sprite")) continue;
    seen.add(at);
    const style = getComputedStyle(at);
    const below = ground(at);
    const ink = parsed(at instanceof SVGElement ? style.fill : style.color);
    let faded = 1;
    for (let one = at; one; one = one.parentElement) faded *= Number(getComputedStyle(one).opacity);
    const [one, other] = [light(over({ ...ink, a: ink.a * faded }, below)), light(below)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600) ? 3 : 4.5;
    if (ratio < wanted) say(`contrast is ${ratio.toFixed(2)}`, at);
  }
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) say(`the page is ${wide} wide on a screen of ${innerWidth}`);
  for (const at of innerWidth < 480 ? all(".columns > *") : []) {
    if (at.clientWidth < 0.9 * at.parentElement.clientWidth) say("columns stand side by side on a phone", at);
  }
  return wrong.slice(0, 12);
}
