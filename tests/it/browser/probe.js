// What tests ask of a page that a driver has no command for. Each answer is a list of faults in words, empty where all
// is well; `longer` and `turn` change the page as another language would.
window.probe = (() => {
  "use strict";
  const root = document.documentElement;
  const style = (node, part) => getComputedStyle(node, part);
  const hidden = (node) => node.closest(".quiet, .stack thead, datalist, option") && style(node.closest(".quiet, .stack thead, datalist, option")).position !== "static";
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && !hidden(node) && !node.matches("option, optgroup, script, title, desc");
  const call = (node) => {
    const text = (node.textContent || node.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return node.tagName.toLowerCase() + (node.id && "#" + node.id) + (node.classList.length ? "." + [...node.classList].join(".") : "") + " \"" + text + "\"";
  };
  const once = (faults) => [...new Set(faults)];
  const scroller = (node) => {
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement) {
      if (/auto|scroll/.test(style(up).overflowX)) return up;
    }
    return null;
  };

  // Texts that can be seen, with the element they stand in.
  const texts = () => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (node.data.trim() && shown(node.parentElement)) found.push([node, node.parentElement]);
    }
    return found;
  };

  // Colours, whatever way they are written, as red, green, blue and opacity.
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = text;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, alpha / 255]);
    }
    return known.get(text);
  };
  const over = (top, ground) => [0, 1, 2].map((at) => top[at] * top[3] + ground[at] * (1 - top[3]));
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((part) => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // What lies beneath an element, its own ground included.
  const ground = (node) => {
    const layers = [];
    for (let up = node; up; up = up.parentElement) layers.push(colour(style(up).backgroundColor));
    return layers.reverse().reduce((beneath, layer) => over(layer, beneath), [255, 255, 255]);
  };
  // What lies beneath a text of a drawing: the last shape drawn before it that holds its middle.
  const drawn = (node) => {
    const svg = node.closest("svg");
    const box = node.getBoundingClientRect();
    let beneath = ground(svg.parentElement);
    for (const shape of svg.querySelectorAll("rect, path, circle, line, polygon")) {
      if (!(shape.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const spot = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2).matrixTransform(shape.getScreenCTM().inverse());
      const look = style(shape);
      if (look.fill !== "none" && shape.isPointInFill(spot)) beneath = over(colour(look.fill), beneath);
      if (look.stroke !== "none" && shape.isPointInStroke(spot)) beneath = over(colour(look.stroke), beneath);
    }
    return beneath;
  };

  // Texts under 4.5 to 1, and edges of controls under 3 to 1.
  const contrast = () => {
    const faults = [];
    const judge = (node, ink, beneath, least, what) => {
      const found = ratio(over(colour(ink), beneath), beneath);
      if (found < least) faults.push(what + " of " + call(node) + " has " + found.toFixed(2) + " to 1");
    };
    for (const [, node] of texts()) {
      if (node.closest("svg")) judge(node, style(node).fill, drawn(node), 4.5, "the text");
      else judge(node, style(node).color, ground(node), 4.5, "the text");
    }
    for (const node of document.body.querySelectorAll("*")) {
      for (const part of ["::before", "::after"]) {
        const look = style(node, part);
        if (/["'].*\S.*["']/.test(look.content) && shown(node)) judge(node, look.color, ground(node), 4.5, part);
      }
    }
    for (const node of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, button:not(.bare), .button")) {
      const beneath = ground(node.parentElement);
      if (shown(node) && ratio(ground(node), beneath) < 3) judge(node, style(node).borderTopColor, beneath, 3, "the edge");
    }
    return once(faults);
  };

  // Pixels by which the page scrolls sideways, texts that stick out of their box or of the window, and drawings whose
  // texts are cut or lie upon each other.
  const overflow = (drawings = true) => {
    const faults = [];
    const wide = root.scrollWidth - root.clientWidth;
    if (wide > 0) faults.push("the page scrolls sideways by " + wide + " px");
    const range = document.createRange();
    const out = (inner, outer) => Math.max(inner.right - outer.right, outer.left - inner.left);
    for (const [text, node] of texts()) {
      if (node.matches(".skip") || node.closest("svg")) continue;
      range.selectNodeContents(text);
      let box = node;
      while (style(box).display === "inline") box = box.parentElement;
      const holder = scroller(node);
      for (const line of range.getClientRects()) {
        if (line.width < 2) continue;
        if (!holder && out(line, { left: 0, right: root.clientWidth }) > 1) faults.push("the window cuts " + call(node));
        if (out(line, box.getBoundingClientRect()) > 1.5) faults.push("sticks out of its box: " + call(node));
        for (let up = box; up && up !== holder && up !== document.body; up = up.parentElement) {
          if (!/hidden|clip/.test(style(up).overflow)) continue;
          const frame = up.getBoundingClientRect();
          if (out(line, frame) > 1 || line.top < frame.top - 1 || line.bottom > frame.bottom + 1) faults.push(call(up) + " cuts " + call(node));
        }
      }
    }
    for (const svg of document.querySelectorAll(drawings ? "svg" : "none")) {
      if (!shown(svg)) continue;
      const sheet = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll("text")].filter(shown).map((text) => [text, text.getBoundingClientRect()]);
      boxes.forEach(([text, box], at) => {
        if (out(box, sheet) > 1) faults.push("the drawing cuts " + call(text));
        for (const [other, its] of boxes.slice(at + 1)) {
          const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
          const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
          if (across > 2 && down > 4) faults.push(call(text) + " lies upon " + call(other));
        }
      });
    }
    return once(faults);
  };

  // Every word of four letters or more grows by 40 %, as from English to a language of long words. Numbers, codes and
  // drawings stay: these are as wide as the words they were drawn with.
  const longer = () => {
    let words = 0;
    const grow = (text) => text.replace(/\p{L}{4,}/gu, (word) => {
      words += 1;
      return word + word.slice(-Math.ceil(word.length * 0.4)).toLowerCase();
    });
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (!node.parentElement.closest("svg, code, script")) node.data = grow(node.data);
    }
    for (const node of document.querySelectorAll("[data-th]")) node.dataset.th = grow(node.dataset.th);
    return words > 4 ? [] : ["has no words"];
  };

  // Boxes that do not stand where a mirror would show them once the page is read from the right, and letters of Arabic
  // that do not join.
  const turn = () => {
    const faults = [];
    const boxes = [...document.querySelectorAll("main, section, h1, h2, .lead, table, th, td, .sheet, .banner, .field, .seal, .queue li, .timeline li > *, .brand, .tongues, nav ul, .badge, button, .swatch, .skip")]
      .filter((node) => shown(node) && !node.closest("svg"));
    const before = boxes.map((node) => node.getBoundingClientRect());
    root.dir = "rtl";
    boxes.forEach((node, at) => {
      const want = root.clientWidth - before[at].right;
      const is = node.getBoundingClientRect().left;
      if (Math.abs(is - want) > 2) faults.push("stands at " + Math.round(is) + " and not at " + Math.round(want) + " px: " + call(node));
    });
    root.lang = "ar";
    for (const [, node] of texts()) {
      if (/left|right/.test(style(node).textAlign)) faults.push("is aligned to a side: " + call(node));
      const space = style(node).letterSpacing;
      if (!node.closest("[lang]:not(html), svg") && space !== "normal" && space !== "0px") faults.push("letters are apart: " + call(node));
    }
    return once(faults);
  };

  // Every control that can be seen and used, in the order of the source.
  const controls = () => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled);

  // Which control has the focus, counted from 0, and what is wrong with it there; -1 when the page has none.
  const stop = () => {
    const node = document.activeElement;
    const all = controls();
    const at = all.indexOf(node);
    if (at < 0) return { at: -1, total: all.length, faults: node && node !== document.body && node !== root ? ["takes the focus: " + call(node)] : [] };
    const faults = [];
    const look = style(node);
    const box = node.getBoundingClientRect();
    const edge = ratio(colour(look.outlineColor).slice(0, 3), colour(style(root).getPropertyValue("--focus-edge")).slice(0, 3));
    if (look.outlineStyle !== "solid" || parseFloat(look.outlineWidth) < 3 || look.boxShadow === "none" || edge < 3) {
      faults.push("has no ring: " + call(node));
    }
    const line = node.getClientRects()[0];
    const middle = (Math.max(line.top, 0) + Math.min(line.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(line.x + line.width / 2, middle);
    if (!top || !(node.contains(top) || top.contains(node))) faults.push("is covered or out of sight: " + call(node));
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement) {
      if (style(up).overflowX === "visible" || up === root) continue;
      const frame = up.getBoundingClientRect();
      if (box.left - 2 < frame.left || box.right + 2 > frame.right || box.top - 2 < frame.top || box.bottom + 2 > frame.bottom) faults.push("its ring is cut: " + call(node));
    }
    const inline = look.display === "inline" && node.matches("a");
    if (!inline && !node.matches(".skip") && (box.width < 23.5 || box.height < 23.5)) faults.push("is " + Math.round(box.width) + " by " + Math.round(box.height) + " px: " + call(node));
    const earlier = at > 0 && !all[at - 1].matches(".skip, [tabindex]") && !node.matches("[tabindex]") && all[at - 1].getBoundingClientRect();
    if (earlier && !all[at - 1].contains(node)) {
      const above = box.bottom <= earlier.top + 1 && box.left < earlier.right;
      const behind = box.right <= earlier.left + 1 && Math.min(box.bottom, earlier.bottom) - Math.max(box.top, earlier.top) > 8;
      if (above || behind) faults.push("is read before " + call(all[at - 1]) + " and reached after it: " + call(node));
    }
    return { at, total: all.length, faults };
  };

  // What a sheet of paper would lack or have too much; the media must be print.
  const paper = () => {
    const faults = [];
    for (const node of document.querySelectorAll("nav ul, button, .button, input, select, label, .skip, .pager, .tongues")) {
      if (node.checkVisibility()) faults.push("is printed: " + call(node));
    }
    for (const node of document.querySelectorAll("h1, h2, table, caption, th, td:not(:empty), figure, figure svg:not(.narrow, .wide), dl, .lead, ol.timeline li")) {
      if (!node.checkVisibility() && !node.closest("details, form.move")) faults.push("is not printed: " + call(node));
    }
    for (const figure of document.querySelectorAll("figure")) {
      const seen = [...figure.querySelectorAll("svg")].filter((svg) => svg.checkVisibility());
      if (seen.length !== 1) faults.push(seen.length + " drawings are printed of " + call(figure));
    }
    for (const node of document.querySelectorAll("tfoot")) {
      if (style(node).display === "table-footer-group") faults.push("is printed on every sheet: " + call(node));
    }
    for (const node of document.querySelectorAll("tr, li, figure")) {
      if (node.checkVisibility() && style(node).breakInside !== "avoid") faults.push("may be cut: " + call(node));
    }
    for (const node of document.querySelectorAll(".scroll, .sheet")) {
      if (node.checkVisibility() && style(node).overflowX !== "visible") faults.push("is cut at the edge of the sheet: " + call(node));
    }
    if (ratio(ground(document.body), [255, 255, 255]) > 1.01) faults.push("the paper is not white");
    return once(faults);
  };

  // How far things moved while the page came, as browsers count it, and the largest thing that was seen of it.
  // A browser tells of what it painted when it gets round to it: whoever asks waits for that, and for what moved with it.
  const paint = () => new Promise((done) => {
    let moved = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { moved += entry.value; })).observe({ type: "layout-shift", buffered: true });
    const told = (largest) => requestAnimationFrame(() => setTimeout(() => done({ moved, largest }), 100));
    const never = setTimeout(() => told(""), 20000);
    new PerformanceObserver((list) => {
      clearTimeout(never);
      told(call(list.getEntries().at(-1).element || document.body));
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });

  // The link past the head of the page, once it has the focus; and the control in the main part that is next after it.
  const skip = () => {
    const node = document.activeElement;
    const box = node.getBoundingClientRect();
    if (!node.matches(".skip")) return ["the first stop is " + call(node)];
    return box.top < 0 || box.left < 0 || box.right > innerWidth ? ["is out of sight: " + call(node)] : [];
  };
  const beyond = () => {
    const first = controls().find((node) => node.closest("main")) || controls().find((node) => node.closest("footer"));
    return document.activeElement === first ? [] : ["the skip link leads to " + call(document.activeElement) + " and not to " + call(first)];
  };
  const begins = () => !!document.querySelector("[autofocus]");

  return { contrast, overflow, longer, turn, stop, paper, paint, skip, beyond, begins };
})();
