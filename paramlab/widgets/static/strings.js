/* Strings: names on the left, objects in the middle, holders on the right, and the strings that join them.
 *
 * Python says what is tied to what; here it is drawn. The viewer's own is only which name is chosen.
 */

ICON.copy = svg('<rect x="2.5" y="5" width="8" height="8.5" rx="1.5" fill="none" stroke="currentColor" stroke-width="1.5"/>' + line("M5.5 2.5H12a1.5 1.5 0 0 1 1.5 1.5v7"));

const ASKED = { parameters: "parameters()", optimizer: "optimizer", state_dict: "state_dict()", moves: ".to()" };
const ACTS = { replace: ["Replace", "R"], write: ["Write in place", "W"], tie: ["Tie to …", "T"], untie: ["Untie", "U"] };
const MOST_KINDS = 24; // signs in the card of a second model
const SLACK = 12; // px by which a string may hang through
const STUB = 24; // px of a string that was cut

const shapeNode = (tag, attrs) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attrs) e.setAttribute(name, String(attrs[name]));
  return e;
};

/** The strings themselves: drawn behind the columns, cut and joined as what they are tied to changes. */
class Strung {
  constructor(/** @type {HTMLElement} */ picture) {
    this.picture = picture;
    this.svg = shapeNode("svg", { class: "st-strings", "aria-hidden": "true", focusable: "false" });
    /** @type {Map<string, SVGElement>} */
    this.drawn = new Map();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }
  /**
   * Draw strings; those that are not wanted any more are cut.
   * @param {Array<{key: string, from: number[], to: number[], kind: string, how: string}>} wanted
   * @param {boolean} still whether nothing has changed but the layout
   */
  draw(wanted, still) {
    const first = !this.drawn.size, keys = new Set(wanted.map(({ key }) => key));
    this.svg.classList.toggle("still", still);
    for (const [key, group] of this.drawn) {
      if (keys.has(key)) continue;
      this.drawn.delete(key);
      if (still || this.calm.matches) group.remove();
      else this.play(group, "cut", () => group.remove());
    }
    for (const { key, from, to, kind, how } of wanted) {
      let group = this.drawn.get(key);
      if (!group) {
        group = shapeNode("g", {});
        group.append(shapeNode("path", {}), shapeNode("circle", { r: 2.6 }), shapeNode("circle", { r: 2.6 }));
        this.drawn.set(key, group);
        this.svg.append(group);
        if (!first && !still && !this.calm.matches) this.play(group, "joined");
      }
      const [path, start, end] = group.children;
      path.setAttribute("d", hanging(from, to));
      place(start, from);
      place(end, to);
      Object.assign(group.dataset, { key, kind, how });
    }
  }
  play(group, name, then) {
    const path = group.firstChild;
    path.setAttribute("pathLength", "1");
    group.classList.add(name);
    setTimeout(() => {
      path.removeAttribute("pathLength");
      group.classList.remove(name);
      then?.();
    }, 600);
  }
  /** Bring the strings of an object to the front. */
  choose(name, box) {
    for (const [key, group] of this.drawn) {
      const on = key === `${name}|${box}` || key.startsWith(`${box}|`);
      const same = !on && key.endsWith(`|${box}`);
      group.classList.toggle("on", on);
      group.classList.toggle("same", same);
      if (on || same) this.svg.append(group);
    }
  }
}

const place = (circle, [x, y]) => { circle.setAttribute("cx", x); circle.setAttribute("cy", y); };
/** A string between two points hangs through a little. */
function hanging([x, y], [u, v]) {
  const pull = Math.max(8, Math.abs(u - x) * 0.5), sag = Math.min(SLACK, Math.abs(v - y) * 0.12 + 3);
  return `M${x} ${y}C${x + pull} ${y + sag} ${u - pull} ${v + sag} ${u} ${v}`;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Replace an object, tie a name to another, copy the model: the line of Python that does it appears here.";
  const keys = "Keys: arrows choose a name, R replace, W write, T tie, U untie";
  const shell = frame(model, { cls: "st", label: "Strings: names, objects, and who holds them", hint, keys });
  const find = h("input", "st-find", { type: "search", placeholder: "Find a name", "aria-label": "Find a name", spellcheck: "false" });
  const list = h("ul", "st-list", { role: "listbox", "aria-label": "Names" });
  const boxes = h("div", "st-list"), holders = h("div", "st-list st-holders");
  const picture = h("div", "st-picture");
  const strung = new Strung(picture);
  const column = (name, says, body) => h("div", `st-col ${name}`, {}, h("div", "st-head", {}, says), body);
  picture.append(strung.svg, column("st-n", "Names", list), column("st-o", "Objects", boxes), column("st-h", "Who holds them", holders));
  const says = h("span"), back = h("button", "pl-act", { type: "button" }, "Earlier"), on = h("button", "pl-act", { type: "button" }, "Later");
  const bar = h("div", "st-bar", { hidden: "" }, says, back, on);
  const facts = h("div", "st-facts");
  const detail = h("div", "st-detail");
  shell.beside(find);
  shell.fill(picture, bar, facts, detail);

  let chosen = "", tying = false, edge = 0;
  /** @type {Record<string, Map<string, HTMLElement>>} */
  const made = { name: new Map(), box: new Map(), holder: new Map() };
  const names = () => model.get("names");
  const current = () => names().find(({ key }) => key === chosen);
  const titled = ({ key, title }) => (key.startsWith("group ") ? `${title}, ${key}` : title);

  // -------------------------------------------------------------------- the columns

  /** Keep the elements of what is still there, so that a change is seen as a change. */
  function keep(kind, key, fresh, fill) {
    const element = made[kind].get(key) ?? fresh();
    made[kind].set(key, element);
    fill(element);
    return element;
  }
  function paint() {
    const hadFocus = list.contains(document.activeElement), was = placesOf(boxes);
    if (edge && names().length) chosen = names()[edge > 0 ? 0 : names().length - 1].key;
    edge = 0;
    if (!current()) { chosen = names()[0]?.key ?? ""; tying = false; }
    list.replaceChildren(...names().map(paintName));
    boxes.replaceChildren(...model.get("boxes").map(paintBox));
    holders.replaceChildren(...model.get("holders").map(paintHolder));
    paintFacts();
    paintWindow();
    choose(chosen, hadFocus);
    draw(false);
    glide(was);
  }
  function paintName({ key, text, kind, object, others }) {
    const box = model.get("boxes").find((one) => one.object === object);
    const held = (box?.holders ?? []).map((one) => model.get("holders").find((holder) => holder.key === one)).filter(Boolean).map(titled);
    const same = others.length ? `. The same object as ${others.join(", ")}` : "";
    const label = `${text}: object ${object}, ${KIND[kind]}, ${box?.shape ?? ""}. Held by ${held.join(" and ") || "nobody else"}${same}`;
    return keep("name", key, () => {
      const element = h("li", "st-name", { role: "option", "data-key": key });
      element.addEventListener("click", () => choose(key, true));
      return element;
    }, (element) => {
      element.setAttribute("aria-label", label);
      element.dataset.kind = kind;
      element.title = text;
      element.classList.toggle("variable", key !== text);
      element.replaceChildren(h("span", "st-text", {}, ...broken(text)));
    });
  }
  /** The last part of a dotted name is the one to be read. */
  function broken(text) {
    const at = text.lastIndexOf(".") + 1;
    return [h("i", "", {}, text.slice(0, at)), h("b", "", {}, text.slice(at))];
  }
  function paintBox({ object, kind, shape, values, was, names: called }) {
    return keep("box", object, () => {
      const element = h("div", "st-box", { "data-object": object });
      element.append(h("span", "pl-chip"), h("b", "", { "data-number": object }, `object ${object}`), h("span", "st-shape"), strip("", { "aria-hidden": "true" }));
      element.addEventListener("click", () => {
        const name = names().find((one) => one.object === object);
        if (name) choose(name.key, true);
      });
      return element;
    }, (element) => {
      const [chip, , note, colours] = element.children;
      if (element.dataset.kind !== kind) chip.replaceChildren(icon(kind));
      chip.title = KIND[kind];
      element.dataset.kind = kind;
      element.classList.toggle("ghost", kind === "G");
      element.title = kind === "G" ? `${was ? `Once ${was}. ` : ""}No name of the model reaches it.` : "";
      element.classList.toggle("nameless", !called.length);
      note.textContent = kind === "G" ? (was ? `was ${was}` : "no name") : shape;
      patchStrip(colours, values);
    });
  }
  function paintHolder({ key, title, text, look, kinds }) {
    return keep("holder", key, () => h("div", "st-holder", { "data-holder": key }), (element) => {
      element.classList.toggle("look", look);
      const signs = [...kinds.slice(0, MOST_KINDS)].map((kind) => h("span", "pl-chip", { "data-kind": kind }, icon(kind)));
      element.replaceChildren(
        h("code", "", {}, title), h("span", "", {}, text),
        ...(signs.length ? [h("span", "st-kinds", { "aria-hidden": "true" }, ...signs, kinds.length > MOST_KINDS ? "…" : "")] : []));
    });
  }
  function paintFacts() {
    facts.replaceChildren(...model.get("facts").map(({ text, look }) =>
      h("p", look ? "look" : "", {}, h("span", "pl-tok", { "data-st": look ? "warn" : "yes", "data-kind": "T" }, look ? icon("warn") : icon("P")), h("span", "", {}, text))));
  }
  function paintWindow() {
    const window = model.get("window");
    shell.count.textContent = window.total;
    find.hidden = !window.find;
    if (document.activeElement !== find) find.value = window.text;
    bar.hidden = !window.says;
    says.textContent = window.says;
    back.disabled = !window.back;
    on.disabled = !window.on;
  }

  // -------------------------------------------------------------------- the strings

  function draw(still) {
    if (!picture.clientHeight) return; // not in sight: there is nothing to measure
    const right = (e) => [e.offsetLeft + e.offsetWidth, e.offsetTop + e.offsetHeight / 2];
    const left = (e, share = 0.5) => [e.offsetLeft, e.offsetTop + e.offsetHeight * share];
    const wanted = names().map(({ key, object, kind }) => ({
      key: `${key}|${object}`, from: right(made.name.get(key)), to: left(made.box.get(object)), kind, how: "leads",
    }));
    const shown = model.get("boxes");
    for (const { object, kind } of shown.filter((box) => !box.names.length)) { // what is left of the string to its name
      const [x, y] = left(made.box.get(object)), long = Math.min(STUB, (x - list.offsetLeft - list.offsetWidth) / 2);
      wanted.push({ key: `cut|${object}`, from: [x - long, y + long / 3], to: [x, y], kind, how: "stub" });
    }
    for (const { key } of model.get("holders")) {
      const tied = shown.filter(({ holders: all }) => all.includes(key));
      tied.forEach(({ object, kind }, at) => wanted.push({
        key: `${object}|${key}`, from: right(made.box.get(object)), to: left(made.holder.get(key), (at + 1) / (tied.length + 1)), kind,
        how: key === "state" ? "memory" : "holds",
      }));
    }
    strung.draw(wanted, still);
    strung.choose(chosen, current()?.object);
  }
  const placesOf = (parent) => new Map([...parent.children].map((e) => [e, e.offsetTop]));
  /** Let what has another place now get there smoothly. */
  function glide(was) {
    if (strung.calm.matches) return;
    for (const element of boxes.children) {
      const by = (was.get(element) ?? element.offsetTop) - element.offsetTop;
      if (by) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 350, easing: "ease" });
      else if (!was.has(element) && was.size) element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 350 });
    }
  }

  // -------------------------------------------------------------------- the chosen name

  function choose(key, focus) {
    if (key !== chosen) tying = false;
    chosen = key;
    const name = current(), box = model.get("boxes").find(({ object }) => object === name?.object);
    for (const element of list.children) {
      const is = element.dataset.key === key;
      element.setAttribute("aria-selected", String(is));
      element.tabIndex = is ? 0 : -1;
      if (is && focus) element.focus({ preventScroll: false });
    }
    for (const element of boxes.children) element.classList.toggle("on", element.dataset.object === String(name?.object));
    for (const element of holders.children) element.classList.toggle("on", !!box?.holders.includes(element.dataset.holder));
    strung.choose(key, name?.object);
    paintDetail();
  }
  function paintDetail() {
    const name = current(), held = detail.contains(document.activeElement) && document.activeElement.dataset.act;
    detail.replaceChildren();
    if (!name) return;
    const box = model.get("boxes").find(({ object }) => object === name.object);
    const told = name.others.length ? `object ${name.object}, which is also ${name.others.join(", ")}` : `object ${name.object}`;
    const head = h("div", "st-chosen", { "data-kind": name.kind },
      h("span", "pl-chip", {}, icon(name.kind), KIND[name.kind]), h("b", "", {}, name.text), h("span", "", {}, `leads to ${told}, shape ${box?.shape ?? ""}`));
    const acts = tying ? partners(name) : buttons(name);
    if (acts.length) head.append(h("div", "pl-acts", { role: "group", "aria-label": tying ? `Tie ${name.text} to` : `Change ${name.text}` }, ...acts));
    const cards = name.why.map(([lane, state, why]) =>
      h("div", "pl-card", { "data-st": state, "data-kind": name.kind },
        h("span", "pl-tok", { role: "img", "aria-label": WORD[state] }, icon(state)),
        h("p", "", {}, h("code", "", {}, ASKED[lane]), why)));
    if (!name.why.length) cards.push(h("p", "st-variable", {}, "A variable of the notebook is a name too: as long as it leads to the object, the object stays."));
    detail.append(head, h("div", "pl-cards", {}, ...cards));
    if (held) (detail.querySelector(`[data-act="${held}"]`) ?? list.querySelector("[tabindex='0']"))?.focus({ preventScroll: true });
  }
  function act(id, text, key, does, line) {
    const button = h("button", "pl-act", { type: "button", "data-act": id, title: line }, text, ...(key ? [h("kbd", "", { "aria-hidden": "true" }, key)] : []));
    button.onclick = does;
    return button;
  }
  function buttons({ key, acts, ties }) {
    return Object.keys(ACTS).filter((id) => (id === "tie" ? ties.length : acts[id])).map((id) => {
      const only = id === "tie" && ties.length === 1 ? `Tie to ${ties[0]}` : ACTS[id][0];
      return act(id, only, ACTS[id][1], () => change(id), acts[id] ?? "Give this name the object of another name");
    });
  }
  function partners({ key, ties }) {
    return [
      h("span", "st-ask", {}, "Tie to"),
      ...ties.map((to) => act(`to ${to}`, to, "", () => { tying = false; shell.send({ do: "tie", name: key, to }); }, "")),
      act("cancel", "Cancel", "Esc", stopTying, ""),
    ];
  }
  function stopTying() {
    tying = false;
    paintDetail();
    list.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
  }
  /** Do to the chosen name what a button or a key says, if it can be done. */
  function change(id) {
    const name = current();
    if (!name || (id === "tie" ? !name.ties.length : !name.acts[id])) return;
    if (id !== "tie") shell.send({ do: id, name: name.key });
    else if (name.ties.length === 1) shell.send({ do: "tie", name: name.key, to: name.ties[0] });
    else {
      tying = true;
      paintDetail();
      detail.querySelector("[data-act^='to ']")?.focus({ preventScroll: true });
    }
  }

  // -------------------------------------------------------------------- the viewer

  function turn(by) {
    const window = model.get("window");
    if (!(by > 0 ? window.on : window.back)) return false;
    edge = by;
    shell.send({ do: "show", by });
    return true;
  }
  list.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const all = names(), at = all.findIndex(({ key }) => key === chosen);
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -all.length, End: all.length }[e.key];
    const id = Object.keys(ACTS).find((one) => ACTS[one][1] === e.key.toUpperCase());
    if (e.key === "PageDown" || e.key === "PageUp") turn(e.key === "PageDown" ? 1 : -1);
    else if (e.key === "/" && !find.hidden) find.focus();
    else if (id) change(id);
    else if (step) {
      const to = Math.min(all.length - 1, Math.max(0, at + step));
      if (!(to === at && Math.abs(step) === 1 && turn(step))) choose(all[to].key, true);
    } else return;
    e.preventDefault();
  });
  detail.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !tying) return;
    e.stopPropagation();
    stopTying();
  });
  back.onclick = () => turn(-1);
  on.onclick = () => turn(1);
  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => shell.send({ do: "show", text: find.value }), 120);
  });

  let due = 0;
  /** Several traits come at once: one picture shows them all. */
  function soon() { if (!due) due = requestAnimationFrame(() => { due = 0; paint(); }); }
  for (const trait of ["names", "boxes", "holders", "facts", "window"]) shell.on(`change:${trait}`, soon);
  shell.on("change:facts", () => shell.say(model.get("facts").map(({ text }) => text).join(" ")));
  shell.on("msg:custom", () => shell.say(model.get("last").note));
  const watcher = new ResizeObserver(() => due || draw(true)); // what is about to be painted is not there yet
  shell.open(el);
  paint();
  watcher.observe(picture);
  return () => { watcher.disconnect(); cancelAnimationFrame(due); clearTimeout(waiting); shell.close(); };
}

export default { render };
