// Adds liveness to a page that is whole without it. A total may change in
// place; a list never moves under the reader: a banner offers the new one.
(() => {
  "use strict";
  const body = document.body;
  const page = body.dataset.page;
  const place = document.getElementById("live");
  if (!page || !place || !window.EventSource) return;

  const pause = 10000; // one announcement in ten seconds
  let failures = 0;
  let last = 0;
  let waiting = 0;

  const say = (tone, sentence, action) => {
    const banner = document.createElement("div");
    banner.className = "banner " + tone;
    const text = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = sentence;
    text.append(strong);
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = action;
    banner.append(text, link);
    place.replaceChildren(banner);
    last = Date.now();
    waiting = 0;
  };

  const changed = () => {
    if (waiting) return;
    const rest = Math.max(0, last + pause - Date.now());
    waiting = setTimeout(() => say("note", body.dataset.changed, body.dataset.show), rest);
  };

  // The server sends the text as this page writes it, separators and all.
  const total = (event) => {
    failures = 0;
    let news;
    try { news = JSON.parse(event.data); } catch { return; }
    for (const spot of document.querySelectorAll("[data-live]")) {
      const text = news[spot.dataset.live];
      if (typeof text === "string" && !spot.contains(document.activeElement)) {
        spot.textContent = text;
      }
    }
  };

  const source = new EventSource("/live?page=" + encodeURIComponent(page));
  source.addEventListener("open", () => { failures = 0; });
  source.addEventListener("total", total);
  source.addEventListener("changed", () => { failures = 0; changed(); });
  source.addEventListener("error", () => {
    failures += 1;
    if (failures < 3 && source.readyState !== EventSource.CLOSED) return;
    source.close();
    clearTimeout(waiting);
    say("soon", body.dataset.lost, body.dataset.refresh);
  });
  addEventListener("pagehide", () => source.close());
})();
