/* The pick-up map: who picks this tensor up?
 *
 * Drawn from the traits that Python sends, and from nothing else. A click is sent to Python as a command;
 * what it did comes back as new traits. What is kept here is only what is the viewer's own: which line is
 * chosen, which folders are open, where the list is scrolled to.
 */

const ROW = 34; // px, the same for every line: all that virtual scrolling needs
const MOST_LINES = 16; // lines on screen before the list scrolls
const OVERSCAN = 6; // lines drawn beyond the edge
const F = 9; // characters per tensor in `flags`: kind, requires_grad, device, persistent, five reasons
const LANE = 4; // where the reasons begin
const FOLD_ABOVE = 200; // a model with more lines opens with folders closed,
const MOST_OPEN = 60; // so that about so many lines are in sight

const HINT = "Change a kind, freeze, replace, step: the line of Python that does it appears here.";
const KEYS = "Keys: arrows move, T P B kind, G freeze, R replace, S saved or not, Enter opens a folder, / finds";
const SEARCH_ABOVE = 20; // a model with more lines has a search box
const WATCH_AFTER = 60; // ms without scrolling until the values in sight are asked for

/** The name of a line as one types it, from the name of its folder and its own label. */
function fullName(parent, label) {
  if (!parent) return label;
  if (label.startsWith("list(")) return `list(${parent}${label.slice(5)}`;
  return label[0] === "[" || label[0] === "." ? parent + label : `${parent}.${label}`;
}

// ---------------------------------------------------------------------- the lines

/** The columns that Python sent, and which lines of them are in sight. */
class Lines {
  constructor(/** @type {Model} */ model) {
    this.model = model;
    /** @type {Map<string, boolean>} */
    this.folds = new Map(); // by name, so that folders stay open when the tree changes
    this.text = ""; // what names are searched for
    this.onlyLook = false; // whether only what is to be looked at is in sight
    this.loadTree();
    this.loadState();
  }
  loadTree() {
    const { d = [], n = [], s = [], t = "" } = JSON.parse(this.model.get("tree"));
    const stack = [];
    Object.assign(this, { depth: d, label: n, shape: s, size: n.length });
    this.place = new Int32Array(n.length).fill(-1); // which tensor a line is; -1 for a folder
    this.count = 0;
    for (let i = 0; i < n.length; i++) if (t[i] === "1") this.place[i] = this.count++;
    this.parent = new Int32Array(n.length).fill(-1);
    this.end = new Int32Array(n.length); // the last line inside
    this.name = n.slice();
    for (let i = 0; i < n.length; i++) {
      if (d[i]) this.parent[i] = stack[d[i] - 1];
      stack[d[i]] = i;
      this.name[i] = fullName(this.name[this.parent[i]], n[i]);
    }
    for (let i = n.length - 1; i >= 0; i--) {
      this.end[i] = Math.max(this.end[i], i);
      const p = this.parent[i];
      if (p >= 0) this.end[p] = Math.max(this.end[p], this.end[i]);
    }
    this.openDepth = this.size > FOLD_ABOVE ? this.depthOf(MOST_OPEN) : Infinity;
    this.fresh = false;
  }
  /** How deep folders may be open at first, so that no more than so many lines are in sight. */
  depthOf(most) {
    const count = [];
    for (const d of this.depth) count[d] = (count[d] ?? 0) + 1;
    let depth = 0, sum = count[0] ?? 0;
    while (depth + 1 < count.length && sum + count[depth + 1] <= most) sum += count[++depth];
    return depth;
  }
  loadState() {
    const flags = this.model.get("flags");
    if (flags.length !== this.count * F) return false; // the tree that belongs to it is on its way
    this.flags = flags;
    this.values = this.model.get("values");
    this.facts = this.model.get("facts");
    this.devices = this.model.get("devices");
    this.reasons = this.model.get("reasons");
    if (!this.fresh || this.isFiltered()) this.computeVisible();
    this.fresh = true;
    return true;
  }
  isFolder(i) { return this.place[i] < 0; }
  flag(i, k) { return this.flags[this.place[i] * F + k]; }
  kind(i) { return this.isFolder(i) ? "M" : this.flag(i, 0); }
  /** Everything the flags say of the lines from one to another. */
  stretch(i, j) {
    let first = i;
    while (first < j && this.place[first] < 0) first++;
    let last = j;
    while (last > i && this.place[last] < 0) last--;
    return this.flags.slice(Math.max(0, this.place[first]) * F, (this.place[last] + 1) * F);
  }
  device(i) { return this.devices[+this.flag(i, 2)] ?? ""; }
  state(i, lane) { return this.reasons[this.flag(i, LANE + lane)][0]; }
  why(i, lane) {
    const facts = this.facts[i] ?? {};
    return this.reasons[this.flag(i, LANE + lane)][1].replace(/\{(\w+)\}/g, (_, key) => facts[key] ?? "");
  }
  isFiltered() { return this.text !== "" || this.onlyLook; }
  isOpen(i) { return this.isFiltered() || (this.folds.get(this.name[i]) ?? this.depth[i] < this.openDepth); }
  matches(i) {
    if (this.isFolder(i) || !this.name[i].toLowerCase().includes(this.text)) return false;
    return !this.onlyLook || [0, 1, 2, 3, 4].some((lane) => this.state(i, lane) === "warn");
  }
  /** Search for a part of a name, or for what is to be looked at; return how many tensors match. */
  filter(text, onlyLook) {
    Object.assign(this, { text: text.trim().toLowerCase(), onlyLook });
    this.computeVisible();
    return this.visible.filter((i) => !this.isFolder(i)).length;
  }
  toggle(i, open = !this.isOpen(i)) { this.folds.set(this.name[i], open); this.computeVisible(); }
  computeVisible() {
    this.visible = [];
    this.at = new Int32Array(this.size).fill(-1);
    if (this.isFiltered()) return this.computeMatching();
    for (let i = 0; i < this.size; ) {
      this.at[i] = this.visible.length;
      this.visible.push(i);
      i = this.isFolder(i) && !this.isOpen(i) ? this.end[i] + 1 : i + 1;
    }
  }
  /** What matches is in sight, and the folders above it. */
  computeMatching() {
    const keep = new Uint8Array(this.size);
    for (let i = 0; i < this.size; i++) {
      if (this.matches(i)) for (let p = i; p >= 0 && !keep[p]; p = this.parent[p]) keep[p] = 1;
    }
    for (let i = 0; i < this.size; i++) {
      if (keep[i]) { this.at[i] = this.visible.length; this.visible.push(i); }
    }
  }
  /** Open every folder above a line. */
  reveal(i) {
    for (let p = this.parent[i]; p >= 0; p = this.parent[p]) this.folds.set(this.name[p], true);
    this.computeVisible();
  }
  /** Count what is inside a folder, or in the whole model: tensors, picked up, to be looked at. Ghosts do not count. */
  tally(i = -1) {
    let n = 0;
    const got = [0, 0, 0, 0, 0], look = [0, 0, 0, 0, 0];
    for (let j = i + 1; j <= (i < 0 ? this.size - 1 : this.end[i]); j++) {
      if (this.isFolder(j)) continue;
      const ghost = this.kind(j) === "G";
      if (!ghost) n++;
      for (let lane = 0; lane < 5; lane++) {
        const state = this.state(j, lane);
        if (!ghost && (state === "yes" || state === "skip")) got[lane]++;
        if (state === "warn") look[lane]++;
      }
    }
    return { n, got, look };
  }
  find(name) { return this.name.indexOf(name); }
}

// ---------------------------------------------------------------------- the view

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const lines = new Lines(model);
  /** @type {Map<number, any>} */
  const live = new Map(); // line -> its row on screen
  let cur = Math.max(0, firstTensor());
  let curName = lines.name[cur] ?? "";
  let col = "row"; // which cell of the line has the focus: row, kind, or 0 to 4
  let lane = -1; // the lane whose card is pointed out
  let preview = -1; // the line under the mouse
  function firstTensor() { return (lines.visible ?? []).find((i) => !lines.isFolder(i)) ?? 0; }

  // -------------------------------------------------------------- skeleton
  const shell = frame(model, { cls: "pm", label: "Pick-up map: who picks this tensor up?", hint: HINT, keys: KEYS });
  const heads = model.get("lanes").map((label, l) =>
    h("div", "pm-lh", { role: "columnheader", "data-lane": l, title: ASKS[l] },
      h("code", "", {}, h("span", "full", {}, label), h("span", "short", {}, SHORT[l])),
      h("span", "pm-tally"), h("span", "pm-bar", { "aria-hidden": "true" }, h("u"), h("u", "w"))));
  const header = h("div", "pm-row pm-cols", { role: "row", "aria-rowindex": 1 },
    h("div", "pm-c-name", { role: "columnheader" }, "Tensor"),
    h("div", "pm-c-vals", { role: "columnheader", title: "Eight of its values: blue is negative, orange positive" }, "Values"),
    h("div", "pm-c-kind", { role: "columnheader" }, "Kind"), ...heads);
  const canvas = h("div", "pm-canvas", { role: "presentation" });
  const body = h("div", "pm-body", { role: "presentation" }, canvas);
  const grid = h("div", "pm-grid", { role: "treegrid", "aria-label": `Tensors of ${model.get("title")}, and who picks them up`, "aria-colcount": 8 }, header, body);
  const nothing = h("p", "pm-nothing", { hidden: "" }, "No tensor matches.");
  const find = h("input", "pm-find", { type: "search", placeholder: "Find a tensor", "aria-label": "Find a tensor by its name", spellcheck: "false" });
  const look = h("button", "pl-btn pm-look", { type: "button", "aria-pressed": "false", title: "Show only what is to be looked at" }, icon("warn"), h("span", "", {}, "Look at"));
  const chosen = h("div", "pm-chosen");
  const cards = ASKS.map((_, l) => h("div", "pl-card", { "data-lane": l }));
  const detail = h("div", "pm-detail", { role: "region", "aria-label": "Why" }, chosen, h("div", "pl-cards", {}, ...cards));
  body.append(nothing);
  shell.beside(find, look);
  shell.fill(grid, detail);

  // -------------------------------------------------------------- rows
  function makeRow(i) {
    const row = h("div", "pm-row", { role: "row", "aria-level": lines.depth[i] + 1 });
    row._i = i;
    const name = h("div", "pm-c-name", { role: "gridcell" });
    for (let d = 0; d < lines.depth[i]; d++) name.append(h("i", "pm-guide"));
    row._cells = ASKS.map((_, l) => h("div", "pm-lane", { role: "gridcell", "data-lane": l }));
    if (lines.isFolder(i)) makeFolder(row, name, i);
    else makeTensor(row, name, i);
    row.append(...row._cells);
    return row;
  }
  function makeFolder(row, name, i) {
    row.classList.add("folder");
    row._sum = h("span", "pm-sum");
    name.append(h("span", "pm-tw", { "aria-hidden": "true" }, icon("caret")), h("span", "pm-mod", {}, lines.label[i]), h("span", "pm-class", {}, lines.shape[i]), row._sum);
    name.setAttribute("aria-colspan", "3");
    row.append(name);
  }
  function makeTensor(row, name, i) {
    const ghost = lines.kind(i) === "G";
    row._tag = h("span", "pm-tag", { hidden: "" }, "not saved");
    name.append(h("span", "pm-name", { title: lines.name[i] }, lines.label[i].replace(" (replaced)", "")), h("span", "pm-shape", {}, shapeText(lines.shape[i])), row._tag);
    row._strip = strip("pm-c-vals", { role: "gridcell", "aria-label": "values" });
    const kind = h("div", "pm-c-kind", { role: "gridcell" });
    row._kinds = {};
    if (ghost) kind.append(h("span", "pm-ghost", {}, icon("G"), "the old object"));
    else {
      const group = h("div", "pm-seg", { role: "radiogroup", "aria-label": `Kind of ${lines.name[i]}` });
      for (const k of "TPB") {
        row._kinds[k] = h("button", "", { type: "button", role: "radio", tabindex: -1, "data-kind": k, title: `${KIND[k]} (${k})`, "aria-label": KIND[k] }, icon(k), h("span", "", {}, KIND[k]));
        group.append(row._kinds[k]);
      }
      kind.append(group);
    }
    row._cells.forEach((cell) => cell.setAttribute("tabindex", "-1"));
    row.append(name, row._strip, kind);
  }

  /** Bring a row up to date; touch only what changed. */
  function patch(row) {
    const i = row._i, top = lines.at[i] * ROW;
    if (row._top !== top) {
      row._top = top;
      row.style.transform = `translateY(${top}px)`;
      row.setAttribute("aria-rowindex", lines.at[i] + 2);
    }
    row.classList.toggle("sel", i === cur);
    row.setAttribute("aria-selected", i === cur);
    row.tabIndex = i === cur ? 0 : -1;
    if (lines.isFolder(i)) patchFolder(row, i);
    else { patchFlags(row, i); patchStrip(row._strip, lines.values[i]); }
  }
  function patchFolder(row, i) {
    const open = lines.isOpen(i);
    row.setAttribute("aria-expanded", open);
    const key = open + lines.stretch(i, lines.end[i]);
    if (row._key === key) return;
    row._key = key;
    const { n, got, look } = lines.tally(i);
    row._sum.textContent = open ? "" : tensors(n);
    row._cells.forEach((cell, l) => {
      cell.className = "pm-lane agg" + (look[l] && !open ? " look" : "");
      cell.replaceChildren(...(open ? [] : [h("span", "", {}, look[l] ? "▲ " : "", number(got[l]), h("i", "", {}, `/${number(n)}`))]));
      cell.setAttribute("aria-label", `${model.get("lanes")[l]}: ${got[l]} of ${n}${look[l] ? `, ${look[l]} to look at` : ""}`);
    });
  }
  function patchFlags(row, i) {
    const flags = lines.stretch(i, i) + lines.device(i);
    if (row._flags === flags) return;
    row._flags = flags;
    const kind = lines.kind(i);
    row.dataset.kind = kind;
    row.dataset.name = lines.name[i];
    row._tag.hidden = !(kind === "B" && lines.flag(i, 3) === "0");
    for (const k in row._kinds) row._kinds[k].setAttribute("aria-checked", k === kind);
    row._cells.forEach((cell, l) => patchLane(cell, i, l));
  }
  function patchLane(cell, i, l) {
    const state = lines.state(i, l);
    const frozen = l === 0 && lines.kind(i) === "P" && lines.flag(i, 1) === "0";
    const look = frozen ? "snow" : state;
    if (cell._look !== look) {
      const had = cell._look;
      cell._look = look;
      cell.dataset.st = state;
      const token = h("span", "pl-tok", {}, icon(look));
      if (l === 0 && lines.kind(i) !== "G") {
        const button = h("button", "pm-tog", { type: "button", tabindex: -1, "data-act": "grad" }, token);
        cell.replaceChildren(button);
      } else cell.replaceChildren(token);
      if (had) { cell.classList.remove("pop"); void cell.offsetWidth; cell.classList.add("pop"); }
    }
    if (l === 0) {
      const button = cell.querySelector("button");
      const on = lines.flag(i, 1) === "1";
      if (button) {
        button.setAttribute("aria-pressed", on);
        button.setAttribute("aria-label", `requires_grad is ${on ? "True" : "False"}`);
        button.title = `requires_grad is ${on ? "True: freeze it" : "False: ask for a gradient"} (G)`;
      }
    }
    if (l === 4) {
      cell.querySelector(".pm-dev")?.remove();
      cell.append(h("span", "pm-dev", {}, lines.device(i)));
    }
    cell.setAttribute("aria-label", `${model.get("lanes")[l]}: ${WORD[state]}. ${lines.why(i, l)}`);
  }
  // -------------------------------------------------------------- painting
  function paint() {
    canvas.style.height = `${lines.visible.length * ROW}px`;
    body.style.maxHeight = `${MOST_LINES * ROW}px`;
    const first = Math.max(0, Math.floor(body.scrollTop / ROW) - OVERSCAN);
    const last = Math.ceil(body.scrollTop / ROW) + MOST_LINES + OVERSCAN;
    const want = new Set(lines.visible.slice(first, last));
    if (lines.at[cur] >= 0) want.add(cur); // the row with the focus stays in the page
    for (const [i, row] of live) if (!want.has(i)) { row.remove(); live.delete(i); }
    const ordered = [...want].sort((a, b) => a - b);
    let before = null; // in the order of the tree, for who reads the page instead of seeing it
    for (const i of ordered) {
      let row = live.get(i);
      if (!row) {
        row = makeRow(i);
        live.set(i, row);
        if (before) before.after(row);
        else canvas.prepend(row);
      }
      patch(row);
      before = row;
    }
    grid.classList.toggle("scrolls", lines.visible.length > MOST_LINES);
    grid.style.setProperty("--sb", `${body.offsetWidth - body.clientWidth}px`);
    grid.setAttribute("aria-rowcount", lines.visible.length + 1);
    nothing.hidden = lines.visible.length > 0 || !lines.isFiltered();
    find.hidden = look.hidden = lines.size <= SEARCH_ABOVE;
    askForValues();
  }
  const view = Math.random(); // two pictures of one map scroll on their own
  let asked = "", timer = 0;
  /** Ask for the values of the tensors in sight, once the scrolling has come to rest. */
  function askForValues() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const seen = [...live.keys()].filter((i) => !lines.isFolder(i)).sort((a, b) => a - b);
      if (seen.join() === asked) return;
      asked = seen.join();
      shell.send({ do: "watch", view, lines: seen });
    }, WATCH_AFTER);
  }
  function paintTotals() {
    const { n, got, look } = lines.tally();
    shell.count.textContent = tensors(n);
    heads.forEach((head, l) => {
      const tally = head.querySelector(".pm-tally");
      tally.replaceChildren(h("span", "", {}, number(got[l]), h("span", "of", {}, n < 1000 ? ` of ${n}` : "")));
      if (look[l]) tally.append(h("em", "", { title: `${look[l]} to look at` }, `▲ ${look[l]}`));
      const [yes, warn] = head.querySelectorAll("u");
      yes.style.width = `${n ? (100 * got[l]) / n : 0}%`;
      warn.style.width = `${n ? (100 * look[l]) / n : 0}%`;
    });
  }
  function paintDetail() {
    const shown = preview >= 0 ? preview : cur;
    detail.classList.toggle("preview", preview >= 0 && preview !== cur);
    if (shown >= lines.size) { chosen.replaceChildren("This model holds no tensor."); cards.forEach((c) => c.replaceChildren()); return; }
    if (lines.isFolder(shown)) paintFolderDetail(shown);
    else paintTensorDetail(shown);
  }
  function paintFolderDetail(i) {
    const { n, got } = lines.tally(i);
    chosen.replaceChildren(h("b", "", {}, lines.name[i]), h("span", "", {}, `${lines.shape[i]}, ${tensors(n)} inside`));
    cards.forEach((card, l) => {
      card.className = "pl-card folder";
      card.replaceChildren(h("p", "", {}, h("code", "", {}, model.get("lanes")[l]), `${number(got[l])} of ${number(n)}`));
    });
  }
  function paintTensorDetail(i) {
    const kind = lines.kind(i), on = lines.flag(i, 1) === "1";
    const facts = [shapeText(lines.shape[i]), lines.device(i), `requires_grad=${on ? "True" : "False"}`];
    if (kind === "B") facts.push(`persistent=${lines.flag(i, 3) === "1" ? "True" : "False"}`);
    chosen.replaceChildren(
      h("b", "", {}, lines.name[i]), h("span", "pl-chip", { "data-kind": kind }, icon(kind), KIND[kind]),
      h("span", "", {}, facts.join("  ·  ")));
    if (kind !== "G") {
      const acts = [["grad", on ? "Freeze" : "Unfreeze", "G"], ["replace", "Replace with a new object", "R"]];
      if (kind !== "P") acts[0][1] = on ? "Want no gradient" : "Want a gradient";
      if (kind === "B") acts.push(["persistent", lines.flag(i, 3) === "1" ? "Do not save" : "Save", "S"]);
      chosen.append(h("span", "pl-acts", {}, ...acts.map(([act, text, key]) => {
        const button = h("button", "pl-act", { type: "button", "data-act": act, title: `${text} (${key})` }, text, h("kbd", "", { "aria-hidden": "true" }, key));
        button.onclick = () => shell.send({ do: act, path: lines.name[i] });
        return button;
      })));
    }
    cards.forEach((card, l) => {
      const state = lines.state(i, l);
      card.dataset.st = state;
      card.dataset.kind = kind;
      card.className = "pl-card" + (l === lane ? " hot" : lane >= 0 ? " dim" : "");
      card.replaceChildren(h("span", "pl-tok", { title: WORD[state] }, icon(state)), h("p", "", {}, h("code", "", {}, model.get("lanes")[l]), lines.why(i, l)));
    });
  }
  function paintAll() { paint(); paintTotals(); paintDetail(); }

  // -------------------------------------------------------------- acting
  function select(i, toCol = col, focus = true) {
    const old = live.get(cur);
    cur = i;
    curName = lines.name[i];
    col = lines.isFolder(i) ? "row" : toCol;
    lane = typeof col === "number" ? col : -1;
    preview = -1;
    const y = lines.at[i] * ROW;
    if (y < body.scrollTop) body.scrollTop = y;
    else if (y + ROW > body.scrollTop + body.clientHeight) body.scrollTop = y + ROW - body.clientHeight;
    paint();
    if (old) patch(old);
    paintDetail();
    if (focus) focusCell();
  }
  function focusCell() {
    const row = live.get(cur);
    if (!row) return;
    let target = row;
    if (col === "kind") target = row._kinds[lines.kind(cur)] ?? row;
    if (typeof col === "number") target = row._cells[col];
    target.focus({ preventScroll: true });
  }
  function toggle(i, open) {
    if (lines.isFiltered()) return; // what matches is open
    lines.toggle(i, open);
    paint();
    focusCell();
  }
  function applyFilter() {
    const found = lines.filter(find.value, look.getAttribute("aria-pressed") === "true");
    if (lines.at[cur] < 0 && lines.visible.length) {
      cur = firstTensor();
      curName = lines.name[cur];
    }
    body.scrollTop = 0;
    paintAll();
    shell.say(lines.isFiltered() ? `${tensors(found)} shown.` : "");
  }

  const COLS = ["row", "kind", 0, 1, 2, 3, 4];
  function sideways(step) {
    if (lines.isFolder(cur)) {
      const open = lines.isOpen(cur);
      if (step > 0 && !open) toggle(cur, true);
      else if (step < 0 && open) toggle(cur, false);
      else if (step < 0 && lines.parent[cur] >= 0) select(lines.parent[cur], "row");
      return;
    }
    const next = COLS.indexOf(col) + step;
    if (next < 0 && lines.parent[cur] >= 0) select(lines.parent[cur], "row");
    else if (next >= 0 && next < COLS.length) select(cur, COLS[next]);
  }
  function moveTo(at) { select(lines.visible[Math.min(lines.visible.length - 1, Math.max(0, at))]); }

  /** Do what a key says; return whether it said something. */
  function onKey(key) {
    const at = lines.at[cur], name = lines.name[cur], kind = lines.kind(cur), letter = key.toUpperCase();
    const acts = { G: "grad", R: "replace", S: "persistent" };
    if (key === "/" && !find.hidden) find.focus();
    else if (!lines.visible.length) return false;
    else if (key === "ArrowDown") moveTo(at + 1);
    else if (key === "ArrowUp") moveTo(at - 1);
    else if (key === "PageDown") moveTo(at + MOST_LINES);
    else if (key === "PageUp") moveTo(at - MOST_LINES);
    else if (key === "Home") moveTo(0);
    else if (key === "End") moveTo(lines.visible.length - 1);
    else if (key === "ArrowRight") sideways(1);
    else if (key === "ArrowLeft") sideways(-1);
    else if (kind === "M") { if (key !== "Enter" && key !== " ") return false; toggle(cur); }
    else if (kind === "G") return false;
    else if (KIND[letter] && key.length === 1 && letter !== "G") changeKind(cur, letter);
    else if (acts[letter] && (letter !== "S" || kind === "B")) shell.send({ do: acts[letter], path: name });
    else if ((key === "Enter" || key === " ") && col === 0) shell.send({ do: "grad", path: name });
    else return false;
    return true;
  }
  function changeKind(i, kind) {
    if (lines.kind(i) !== kind) shell.send({ do: "kind", path: lines.name[i], kind: KIND[kind] });
  }

  grid.addEventListener("keydown", (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey || !lines.size) return;
    if (onKey(e.key)) e.preventDefault();
  });
  find.addEventListener("input", applyFilter);
  find.addEventListener("keydown", (e) => {
    if (e.key === "Enter" || e.key === "ArrowDown") { e.preventDefault(); if (lines.visible.length) select(cur, "row"); }
    if (e.key === "Escape") { find.value = ""; applyFilter(); }
  });
  look.addEventListener("click", () => {
    look.setAttribute("aria-pressed", String(look.getAttribute("aria-pressed") !== "true"));
    applyFilter();
  });
  canvas.addEventListener("click", (e) => {
    const row = e.target.closest(".pm-row");
    if (!row) return;
    const i = row._i, radio = e.target.closest("[role=radio]"), act = e.target.closest("[data-act]"), cell = e.target.closest(".pm-lane");
    select(i, radio ? "kind" : cell ? +cell.dataset.lane : "row");
    if (lines.isFolder(i)) toggle(i);
    else if (radio) changeKind(i, radio.dataset.kind);
    else if (act) shell.send({ do: act.dataset.act, path: lines.name[i] });
  });
  // pointing at a line shows its reasons for as long as one points; what is chosen stays chosen
  canvas.addEventListener("mouseover", (e) => {
    const row = e.target.closest(".pm-row"), cell = e.target.closest(".pm-lane");
    if (!row || lines.isFolder(row._i)) return;
    const nextLane = cell ? +cell.dataset.lane : -1;
    if (preview === row._i && lane === nextLane) return;
    preview = row._i;
    lane = nextLane;
    paintDetail();
  });
  canvas.addEventListener("mouseleave", () => { preview = -1; lane = typeof col === "number" ? col : -1; paintDetail(); });
  let waiting = false;
  body.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; paint(); });
  }, { passive: true });

  // -------------------------------------------------------------- what Python says
  function onTree() {
    const focused = canvas.contains(document.activeElement);
    live.forEach((row) => row.remove());
    live.clear();
    lines.loadTree();
    asked = "";
    if (!lines.loadState()) return;
    const again = lines.find(curName); // the same tensor, wherever it is now
    cur = again >= 0 ? again : Math.min(cur, Math.max(0, lines.size - 1));
    curName = lines.name[cur] ?? "";
    if (again >= 0 && lines.at[cur] < 0) lines.reveal(cur);
    preview = -1;
    paintAll();
    if (focused) focusCell();
  }
  let drawn = ["", "", null];
  /** Several traits change at a time; the first event brings them all. */
  function onState() {
    const now = [model.get("flags"), model.get("values"), model.get("facts")];
    if (now.every((value, k) => value === drawn[k])) return;
    drawn = now;
    if (!lines.fresh) onTree();
    else if (lines.loadState()) paintAll();
  }
  function onDone() {
    const last = model.get("last");
    if (lines.size && !lines.isFolder(cur)) {
      const answers = model.get("lanes").map((label, l) => `${label}: ${WORD[lines.state(cur, l)]}`).join(", ");
      shell.say(`${last.note || ""} ${curName}, ${KIND[lines.kind(cur)]}. ${answers}.`);
    } else shell.say(last.note || "");
  }
  shell.on("change:tree", onTree);
  for (const trait of ["flags", "values", "facts"]) shell.on(`change:${trait}`, onState);
  shell.on("msg:custom", onDone);
  const watch = new ResizeObserver(() => paint());
  watch.observe(body);

  paintAll();
  shell.open(el);
  return () => {
    watch.disconnect();
    clearTimeout(timer);
    shell.send({ do: "watch", view, lines: [] });
    shell.close();
  };
}

export default { render };
