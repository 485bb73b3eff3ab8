/* What the widgets have in common: signs, words, and the frame around each of them.
 *
 * Python puts this text in front of each widget's own, so that no bundler is needed.
 */

/** @typedef {{on: Function, off: Function, get: (name: string) => any, send: (message: object) => void}} Model */

const KIND = { T: "Tensor", P: "Parameter", B: "Buffer", G: "only in the optimizer" };
const LANES = ["learns", "parameters", "optimizer", "state_dict", "moves"];
const SHORT = ["grad", "params", "optim", "state", ".to()"];
const ASKS = [
  "Does a gradient reach it?",
  "Does parameters() list it?",
  "Does the optimizer hold it?",
  "Does state_dict() save it?",
  "Does .to() move it?",
];
const WORD = { yes: "yes", skip: "held, but skipped", no: "no", warn: "look at this" };
const RESTARTED = "The kernel that drew this has ended. Run the cell again to see the model as it is now.";

// ---------------------------------------------------------------------- small things

/** @param {string} inner */
const svg = (inner) => `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${inner}</svg>`;
const line = (d) => `<path d="${d}" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>`;
const bar = (y) => `<rect x="2.5" y="${y}" width="11" height="2.6" rx="1.3" fill="currentColor"/>`;
const ICON = {
  T: svg('<rect x="3.5" y="3.5" width="9" height="9" rx="1.5" fill="none" stroke="currentColor" stroke-width="1.5"/>'),
  P: svg('<path d="M8 1.8 14.2 8 8 14.2 1.8 8Z" fill="currentColor"/>'),
  B: svg(bar(3) + bar(6.7) + bar(10.4)),
  G: svg('<path d="M8 2 14 8 8 14 2 8Z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2.2 2"/>'),
  yes: svg('<circle cx="8" cy="8" r="7" class="disc"/><path d="m4.8 8.3 2.2 2.2 4.3-4.7" fill="none" class="mark" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>'),
  no: svg('<circle cx="8" cy="8" r="1.7" fill="currentColor"/>'),
  warn: svg('<path d="M8 1.6 15 14H1Z" class="tri"/><path d="M8 6v3.6" class="mark" stroke-width="1.7" stroke-linecap="round"/><circle cx="8" cy="11.8" r=".95" class="dot"/>'),
  skip: svg('<circle cx="8" cy="8" r="6.2" class="ring"/><path d="M8 1.8a6.2 6.2 0 0 0 0 12.4Z" class="half"/>'),
  cross: svg(line("m4 4 8 8M12 4l-8 8")),
  snow: svg(line("M8 2v12M2.8 5l10.4 6M13.2 5 2.8 11")),
  caret: svg(line("m6 4.5 4 3.5-4 3.5")),
  step: svg(line("M2 12.5h3.5V9H9V5.5h3.5V2")),
  again: svg(line("M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 1.8v3h-3")),
  save: svg(line("M8 2v7.5m-3-3 3 3 3-3M2.5 11v2.5h11V11")),
  load: svg(line("M8 9.8V2.2m-3 3 3-3 3 3M2.5 11v2.5h11V11")),
  move: svg(line("M2 8h11m-3.5-3.5L13 8l-3.5 3.5")),
  find: svg(line("M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.4 10.4 14 14")),
};

/**
 * Make an element.
 * @param {string} tag @param {string} cls @param {Record<string, any>} attrs @param {...(Node|string)} kids
 */
function h(tag, cls = "", attrs = {}, ...kids) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  for (const name in attrs) e.setAttribute(name, String(attrs[name]));
  e.append(...kids);
  return e;
}

/** @param {string} name */
function icon(name) {
  const t = document.createElement("template");
  t.innerHTML = ICON[name];
  return /** @type {Node} */ (t.content.firstChild);
}

/** @param {number[]|string} s */
const shapeText = (s) => (Array.isArray(s) ? (s.length ? s.join(" × ") : "scalar") : s);
const number = (n) => n.toLocaleString("en");
const tensors = (n) => `${number(n)} tensor${n === 1 ? "" : "s"}`;

/** Make a strip for a tensor's values: blue is negative, orange positive. */
function strip(cls = "", attrs = {}) {
  return h("div", `pl-strip ${cls}`, attrs, ...Array.from({ length: 8 }, () => h("i")));
}

/** Bring a strip up to date; it twitches when the values are others than before. */
function patchStrip(element, values) {
  if (!values || element._values === values) return;
  const had = element._values;
  element._values = values;
  [...element.children].forEach((cell, at) => {
    const x = parseInt(values[at], 16) / 15;
    cell.className = values[at] === "." ? "none" : values[at] === "x" ? "nan" : x < 0.5 ? "neg" : "pos";
    cell.style.setProperty("--a", Math.abs(x * 2 - 1).toFixed(2));
  });
  if (!had) return;
  element.classList.remove("flash");
  void element.offsetWidth;
  element.classList.add("flash");
}

// ---------------------------------------------------------------------- the frame

/**
 * Build what surrounds every widget: title, buttons for the whole, trouble, the line of Python, and what is
 * read aloud. The widget puts its own parts in with `fill`.
 *
 * @param {Model} model
 * @param {{cls: string, label: string, hint?: string, keys?: string}} options
 */
function frame(model, { cls, label, hint = "", keys = "" }) {
  const title = h("strong", "", {}, model.get("title")), count = h("span", "pl-count");
  const tools = h("div", "pl-tools", { role: "toolbar", "aria-label": "Actions" });
  const trouble = h("p", "pl-trouble", { role: "alert", hidden: "" });
  const code = h("code"), note = h("span", "pl-note");
  const foot = h("footer", "pl-log", {}, h("span", "pl-prompt", { "aria-hidden": "true" }, ">>>"), code, note);
  const say = h("div", "pl-sr", { role: "status", "aria-live": "polite" });
  const head = h("header", "pl-head", {}, h("div", "pl-title", {}, title, count), tools);
  const root = h("section", `pl ${cls}`, { "aria-label": label }, head, trouble, foot, say);
  const listeners = [];
  let ended = false;

  /** Listen to the model until the widget goes. */
  function on(event, listener) { model.on(event, listener); listeners.push([event, listener]); }
  /** Send a command to Python, if somebody is there to get it. */
  function send(message) { if (!ended) model.send(message); }
  function paintTools() {
    const focused = root.contains(document.activeElement) && document.activeElement?.getAttribute("data-do");
    tools.replaceChildren(...model.get("tools").map((tool) => {
      const sign = tool.icon ? [icon(tool.icon)] : [];
      const button = h("button", "pl-btn", { type: "button", "data-do": tool.do, title: tool.line }, ...sign, h("span", "", {}, tool.text));
      if (!tool.on) button.setAttribute("disabled", "");
      button.onclick = () => send({ do: tool.do });
      return button;
    }));
    if (focused) tools.querySelector(`[data-do="${focused}"]`)?.focus({ preventScroll: true });
  }
  function paintLog() {
    const last = model.get("last");
    foot.classList.toggle("bad", !!last.bad);
    code.textContent = last.code || hint;
    code.classList.toggle("hint", !last.code);
    note.textContent = last.note || (last.code ? "" : keys);
  }
  function paintTrouble() {
    trouble.textContent = ended ? RESTARTED : model.get("trouble");
    trouble.hidden = !trouble.textContent;
    root.classList.toggle("broken", !trouble.hidden);
  }
  on("change:tools", paintTools);
  on("change:last", paintLog);
  on("change:trouble", paintTrouble);
  on("change:title", () => { title.textContent = model.get("title"); });
  on("comm_live_update", () => { ended = true; paintTrouble(); });
  // JupyterLab's own single keys would insert and delete cells while the focus is in here
  root.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" && !e.ctrlKey && !e.metaKey && !(e.shiftKey && e.key === "Enter")) e.stopPropagation();
  });

  let revision = 0;
  return {
    root, count, on, send,
    /** Put controls of the widget's own beside the title. */
    beside(...parts) { tools.before(...parts); },
    /** Put the widget's own parts between the head and the line of Python. */
    fill(...parts) { foot.before(...parts); },
    /** Have something read aloud. */
    say(text) { say.textContent = text; },
    /** Show the widget, and tell tests that it is there. */
    open(el) {
      paintTools(); paintLog(); paintTrouble();
      el.append(root);
      Object.assign(root.dataset, { rev: "0", ready: "1" });
      on("msg:custom", () => { root.dataset.rev = String(++revision); });
    },
    close() { for (const [event, listener] of listeners) model.off(event, listener); },
  };
}
