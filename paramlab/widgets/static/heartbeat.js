/* Heartbeat: a training loop one beat at a time.
 *
 * Who wrote what, the graph and the places of its nodes come from Python. What is kept here is the viewer's own:
 * the tensor or node that is chosen, and whether the loop plays.
 */

const LAYER = 50, BOX = 28, EDGE = 12; // px of the graph: from layer to layer, the height of a box, the margin
const SLOWEST = 1600, FASTEST = 100; // ms between two beats that are played
const WALK = 90, WALK_ALL = 2400; // ms until the next node lights up, and at most until the last one does
const BEAT = { zero_grad: "Z", forward: "F", backward: "B", step: "S" };
const LOCAL = {
  play: svg('<path d="M4.5 2.8v10.4L13 8Z" fill="currentColor"/>'),
  pause: svg('<path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor"/>'),
};

/** Make an element of a drawing. */
function s(tag, attrs = {}, ...kids) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attrs) e.setAttribute(name, String(attrs[name]));
  e.append(...kids);
  return e;
}
function localIcon(name) {
  const t = document.createElement("template");
  t.innerHTML = LOCAL[name];
  return t.content.firstChild;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "One beat at a time: see who writes each tensor, and which way the gradient takes.";
  const keys = "Keys: Z F B S beat, W whole step, P plays, M mode, arrows move";
  const shell = frame(model, { cls: "hb", label: "Heartbeat: a training loop one beat at a time", hint, keys });
  let chosen = { tensor: "", node: -1 }; // at most one of the two
  let lit = false; // whether the walk was drawn already

  // -------------------------------------------------------------- beats
  const pulse = h("div", "hb-pulse", { role: "group", "aria-label": "Beats of the loop" });
  const play = h("button", "pl-btn hb-play", { type: "button", "aria-keyshortcuts": "P" });
  const steps = h("input", "hb-steps", { type: "number", min: 1, max: 1000, value: 10, "aria-label": "How many steps are played" });
  const pace = h("input", "hb-pace", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Pace: beats a second" });
  const curve = h("div", "hb-curve");
  const playing = h("div", "hb-playing", {}, play, h("label", "", {}, steps, " steps"), h("label", "", {}, "pace ", pace));
  const controls = h("div", "hb-bar", {}, pulse, playing);

  function paintPulse() {
    const held = shell.root.contains(document.activeElement) && document.activeElement?.dataset?.beat;
    pulse.replaceChildren(...model.get("pulse").map((beat) => {
      const b = h("button", "hb-beat", { type: "button", "data-beat": beat.do, title: `${beat.line}  (${BEAT[beat.do]})`, "aria-keyshortcuts": BEAT[beat.do] },
        h("b", "", {}, beat.do), h("code", "", {}, beat.line));
      if (beat.next) { b.setAttribute("aria-current", "step"); b.append(h("span", "hb-next", {}, "next")); }
      b.onclick = () => { stop(); shell.send({ do: "beat", which: beat.do }); };
      return b;
    }));
    if (held) pulse.querySelector(`[data-beat="${held}"]`)?.focus({ preventScroll: true });
    const beat = model.get("beat");
    shell.count.textContent = `${beat ? `beat ${number(beat)}` : "no beat yet"} · ${model.get("training") ? "training" : "eval"} mode`;
  }
  let left = 0, timer = 0; // steps to play; 0 when nothing plays
  function next() { return model.get("pulse").find((beat) => beat.next)?.do; }
  function paintPlay() {
    play.replaceChildren(localIcon(left ? "pause" : "play"), h("span", "", {}, left ? "Pause" : "Play"));
    play.setAttribute("aria-pressed", left > 0);
  }
  function tick() { shell.send({ do: "beat", which: next() }); }
  function stop() { left = 0; clearTimeout(timer); paintPlay(); }
  function toggle() {
    if (left) return stop();
    left = Math.max(1, Math.round(+steps.value) || 1);
    paintPlay();
    tick();
  }
  /** Go on playing when a beat is done. */
  function goOn() {
    if (!left) return;
    if (model.get("last").bad) return stop();
    if (next() === "zero_grad" && --left === 0) return stop();
    clearTimeout(timer);
    timer = setTimeout(tick, SLOWEST * (FASTEST / SLOWEST) ** (+pace.value / 100));
  }
  play.onclick = toggle;

  // -------------------------------------------------------------- the curve
  function paintCurve() {
    const values = model.get("curve");
    const known = values.filter((v) => v !== null);
    const last = values.length ? values.at(-1) : null;
    const says = values.length ? (last === null ? "no number" : Number(last.toPrecision(4)).toString()) : "";
    curve.hidden = !values.length;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const x = (i) => 2 + (116 * i) / Math.max(1, values.length - 1), y = (v) => 27 - 24 * (high > low ? (v - low) / (high - low) : 0.5);
    let d = "", pen = "M"; // a value that is no number leaves a hole
    values.forEach((v, i) => { d += v === null ? "" : `${pen}${x(i).toFixed(1)} ${y(v).toFixed(1)}`; pen = v === null ? "M" : "L"; });
    const drawing = s("svg", { viewBox: "0 0 120 30", width: 120, height: 30, role: "img", "aria-label": `Loss of the last ${values.length} forward passes, now ${says}` }, s("path", { d, class: "hb-line" }));
    if (last !== null && values.length) drawing.append(s("circle", { cx: x(values.length - 1), cy: y(last), r: 2.6, class: "hb-dot" }));
    curve.replaceChildren(h("span", "hb-loss", {}, "loss ", h("b", "", {}, says)), drawing);
  }

  // -------------------------------------------------------------- tensors
  const body = h("tbody"), more = h("p", "hb-more", { hidden: "" });
  const head = h("tr", "", {}, ...["Tensor", "Values, written last by", ".grad, written last by"].map((text) => h("th", "", { scope: "col" }, text)));
  const table = h("table", "hb-table", { role: "grid", "aria-label": "Tensors, and who wrote them last" }, h("thead", "", {}, head), body);
  const tensorsPane = h("div", "hb-tensors", {}, table, more);
  let cur = 0; // the row with the focus
  const rowsOf = () => [...body.children];

  function makeRow(name) {
    const tr = h("tr", "", { "data-name": name });
    tr._name = h("th", "", { scope: "row" });
    tr._values = strip("", { role: "img" });
    tr._grad = strip("", { role: "img" });
    tr._none = h("span", "hb-none", {}, "None");
    tr._by = h("div", "hb-by"); tr._gradBy = h("div", "hb-by");
    tr.append(tr._name, h("td", "hb-values", {}, tr._values, tr._by), h("td", "hb-grad", {}, tr._grad, tr._none, tr._gradBy));
    return tr;
  }
  function by([who, beat]) {
    const text = model.get("writers")[who];
    return who && who !== "cell" ? [h("b", "", {}, text), h("span", "", {}, ` beat ${number(beat)}`)] : [h(who ? "b" : "span", "", {}, text)];
  }
  function patchBy(place, stamp) {
    const key = stamp.join();
    const fresh = stamp[0] !== "" && stamp[1] === model.get("beat") && stamp[0] !== "cell";
    place.classList.toggle("fresh", fresh);
    if (place._key === key) return;
    place._key = key;
    place.dataset.who = stamp[0];
    place.replaceChildren(...by(stamp));
  }
  function paintRows() {
    const old = new Map(rowsOf().map((tr) => [tr.dataset.name, tr]));
    const rows = model.get("rows");
    const wanted = rows.map((row) => old.get(row.name) ?? makeRow(row.name));
    if (wanted.length !== old.size || wanted.some((tr, i) => tr !== body.children[i])) body.replaceChildren(...wanted);
    rows.forEach((row, i) => {
      const tr = wanted[i];
      tr.dataset.kind = row.kind;
      tr.dataset.leaf = row.leaf;
      const key = row.kind + row.shape;
      if (tr._key !== key) {
        tr._key = key;
        const chip = h("span", "pl-chip", { title: KIND[row.kind] }, icon(row.kind), h("span", "pl-sr", {}, KIND[row.kind]));
        tr._name.replaceChildren(h("div", "hb-tensor", {}, chip, h("span", "hb-name", {}, row.name), h("span", "hb-shape", {}, row.shape)));
      }
      patchStrip(tr._values, row.values);
      tr._values.setAttribute("aria-label", `values of ${row.name}`);
      tr._grad.hidden = row.grad === null;
      tr._none.hidden = row.grad !== null;
      patchStrip(tr._grad, row.grad);
      if (row.grad === null) tr._grad._values = undefined;
      tr._grad.setAttribute("aria-label", `gradient of ${row.name}`);
      patchBy(tr._by, row.by);
      patchBy(tr._gradBy, row.grad_by);
      tr._gradBy.hidden = !row.grad_by[0];
    });
    more.textContent = model.get("more");
    more.hidden = !more.textContent;
    cur = Math.min(cur, Math.max(0, rows.length - 1));
    markRows();
  }
  function markRows() {
    rowsOf().forEach((tr, i) => {
      tr.tabIndex = i === cur ? 0 : -1;
      tr.setAttribute("aria-selected", tr.dataset.name === chosen.tensor);
    });
  }
  body.addEventListener("keydown", (e) => {
    const last = body.children.length - 1;
    const to = { ArrowDown: cur + 1, ArrowUp: cur - 1, Home: 0, End: last }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey || (to === undefined && e.key !== "Enter" && e.key !== " ")) return;
    e.preventDefault();
    if (to !== undefined) cur = Math.min(last, Math.max(0, to));
    body.children[cur]?.focus({ preventScroll: false });
    chooseTensor(body.children[cur]?.dataset.name ?? "", to !== undefined);
  });
  body.addEventListener("click", (e) => {
    const tr = e.target.closest("tr");
    cur = rowsOf().indexOf(tr);
    tr.focus({ preventScroll: true });
    chooseTensor(tr.dataset.name);
  });

  // -------------------------------------------------------------- the graph
  const scroller = h("div", "hb-scroll");
  const size = h("span", "hb-size"), legend = h("span", "hb-legend", {}, h("i", "walked"), "visited", h("i", "freed"), "freed");
  const says = h("p", "hb-says", { "aria-live": "polite" });
  const graphPane = h("section", "hb-graph", { "aria-label": "The graph of the loss" },
    h("header", "", {}, h("strong", "", {}, "The graph of the loss"), size, legend), scroller, says);
  let boxes = [], wires = [], drawn = "", at = 0; // at: the node with the focus
  const nodes = () => model.get("graph").nodes ?? [];

  function paintGraph() {
    const graph = model.get("graph");
    const hadFocus = scroller.contains(document.activeElement);
    legend.hidden = !graph.walked;
    size.textContent = graph.says ?? "";
    const walks = graph.walked && !lit; // the walk has just been taken
    lit = !!graph.walked;
    if (!nodes().length) {
      boxes = []; wires = [];
      scroller.replaceChildren(h("p", "hb-empty", {}, "There is no graph yet. A forward pass leaves one behind."));
      return highlight();
    }
    const pause = Math.min(WALK, WALK_ALL / nodes().length);
    boxes = nodes().map((node, i) => box(node, i, graph.walked, walks ? i * pause : -1));
    wires = graph.edges.map(([from, to, points]) => wire(from, to, points, graph.walked, walks ? from * pause : -1));
    const [width, height] = [graph.width + 2 * EDGE, (Math.max(...nodes().map((node) => node.layer)) + 1) * LAYER - LAYER + BOX + 2 * EDGE];
    const drawing = s("svg", { class: "hb-svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "listbox", "aria-label": "Nodes of the graph, in the order of the walk backwards" },
      s("g", { transform: `translate(${EDGE} ${EDGE})`, role: "presentation" }, s("g", { "aria-hidden": "true" }, ...wires), ...boxes));
    const { scrollLeft, scrollTop } = scroller, titles = nodes().map((node) => node.title).join();
    scroller.replaceChildren(drawing);
    if (titles === drawn) scroller.scrollTo(scrollLeft, scrollTop);
    else scroller.scrollTo(EDGE + nodes()[0].x - scroller.clientWidth / 2, 0); // the loss in the middle
    drawn = titles;
    at = Math.min(at, boxes.length - 1);
    if (chosen.node >= boxes.length) chosen = { tensor: "", node: -1 };
    highlight();
    if (hadFocus) boxes[at].focus({ preventScroll: true });
  }
  function box(node, i, walked, delay) {
    const g = s("g", { role: "option", class: `hb-node ${node.what}${walked ? " walked" : ""}${node.freed ? " freed" : ""}`, "data-node": i, "data-title": node.title, transform: `translate(${node.x} ${node.layer * LAYER})`, "aria-label": node.says });
    if (node.kind) g.dataset.kind = node.kind;
    const middle = BOX / 2 + 4;
    g.append(s("title", {}, node.title), s("rect", { x: -node.width / 2, y: 0, width: node.width, height: BOX, rx: node.what === "operation" ? 6 : BOX / 2 }));
    const sign = node.kind && icon(node.kind);
    if (sign) {
      for (const [name, value] of Object.entries({ x: -node.width / 2 + 10, y: BOX / 2 - 6, width: 12, height: 12 })) sign.setAttribute(name, value);
      g.append(sign);
    }
    g.append(s("text", { x: sign ? 8 : 0, y: middle, "text-anchor": "middle" }, node.label));
    if (delay >= 0) g.style.setProperty("--delay", `${delay}ms`);
    g.classList.toggle("walks", delay >= 0);
    return g;
  }
  function wire(from, to, points, walked, delay) {
    const [[x0, y0], ...rest] = points.map(([x, y]) => [x, y * LAYER + BOX / 2]);
    let d = `M${x0} ${y0 + BOX / 2}`, y = y0 + BOX / 2, x = x0;
    for (const [i, [x1, y1]] of rest.entries()) {
      const end = y1 - BOX / 2, half = (y + end) / 2;
      d += `C${x} ${half} ${x1} ${half} ${x1} ${end}`;
      if (i < rest.length - 1) d += `V${y1 + BOX / 2}`;
      [x, y] = [x1, y1 + BOX / 2];
    }
    const path = s("path", { d, class: `hb-wire${walked ? " walked" : ""}${delay >= 0 ? " walks" : ""}` });
    if (delay >= 0) path.style.setProperty("--delay", `${delay}ms`);
    Object.assign(path, { _from: from, _to: to });
    return path;
  }
  /** All nodes on a way from the loss to some of them. */
  function above(ends) {
    const on = new Set(ends), waiting = [...ends];
    while (waiting.length) {
      const end = waiting.pop();
      for (const path of wires) if (path._to === end && !on.has(path._from)) { on.add(path._from); waiting.push(path._from); }
    }
    return on;
  }
  function highlight() {
    const row = model.get("rows").find((one) => one.name === chosen.tensor);
    const ends = row ? nodes().flatMap((node, i) => (node.leaves.includes(row.leaf) ? [i] : [])) : [];
    const on = above(ends);
    scroller.classList.toggle("choosing", on.size > 0);
    boxes.forEach((g, i) => {
      g.classList.toggle("on", on.has(i));
      g.classList.toggle("sel", i === chosen.node);
      g.setAttribute("aria-selected", i === chosen.node);
      g.setAttribute("tabindex", i === at ? 0 : -1);
    });
    for (const path of wires) path.classList.toggle("on", on.has(path._from) && on.has(path._to));
    says.textContent = tell(row, ends);
    return ends;
  }
  function tell(row, ends) {
    if (chosen.node >= 0) return nodes()[chosen.node].says;
    if (!nodes().length) return "";
    if (!row) return "Choose a node to read what it does, or a tensor to see the way from the loss to it.";
    return ends.length ? nodes()[ends[0]].says : `${row.name} is no leaf of this graph: backward() brings it no gradient.`;
  }
  function chooseTensor(name, keep = false) {
    chosen = { tensor: chosen.tensor === name && !keep ? "" : name, node: -1 };
    markRows();
    const [end] = highlight();
    if (end !== undefined) reveal(end);
  }
  function chooseNode(i) {
    at = i;
    const node = nodes()[i];
    const same = chosen.node === i && !scroller.contains(document.activeElement);
    chosen = { tensor: "", node: same ? -1 : i };
    markRows();
    highlight();
    boxes[i].focus({ preventScroll: true });
    if (node) reveal(i);
  }
  /** Scroll the graph, and nothing else, so that a node is in sight. */
  function reveal(i) {
    const { x, layer, width } = nodes()[i];
    const [left, right, top, bottom] = [x - width / 2, x + width / 2 + 2 * EDGE, layer * LAYER, layer * LAYER + BOX + 2 * EDGE];
    if (left < scroller.scrollLeft) scroller.scrollLeft = left;
    else if (right > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = right - scroller.clientWidth;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
  }
  /** The node beside the focus in its layer, or the nearest one in the layer above or below, joined ones first. */
  function neighbour(key) {
    const here = nodes()[at];
    const across = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (across) {
      const row = nodes().map((node, i) => [node, i]).filter(([node]) => node.layer === here.layer).sort((a, b) => a[0].x - b[0].x);
      return row[row.findIndex(([, i]) => i === at) + across]?.[1] ?? at;
    }
    const down = key === "ArrowDown";
    const joined = wires.filter((path) => (down ? path._from : path._to) === at).map((path) => (down ? path._to : path._from));
    const layer = here.layer + (down ? 1 : -1);
    const near = joined.length ? joined : nodes().flatMap((node, i) => (node.layer === layer ? [i] : []));
    return near.sort((a, b) => Math.abs(nodes()[a].x - here.x) - Math.abs(nodes()[b].x - here.x))[0] ?? at;
  }
  scroller.addEventListener("click", (e) => {
    const g = e.target.closest(".hb-node");
    if (g) chooseNode(+g.dataset.node);
  });
  scroller.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !boxes.length) return;
    if (e.key.startsWith("Arrow")) chooseNode(neighbour(e.key));
    else if (e.key === "Home") chooseNode(0);
    else if (e.key === "End") chooseNode(boxes.length - 1);
    else if (e.key === "Enter" || e.key === " ") chooseNode(at);
    else return;
    e.preventDefault();
  });

  // -------------------------------------------------------------- the whole
  shell.beside(curve);
  shell.fill(controls, h("div", "hb-panes", {}, tensorsPane, graphPane));
  shell.root.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === "INPUT") return;
    const key = e.key.toUpperCase();
    const beat = Object.keys(BEAT).find((name) => BEAT[name] === key);
    if (key === "P") toggle();
    else if (beat || key === "W" || key === "M") {
      stop();
      shell.send(beat ? { do: "beat", which: beat } : { do: key === "W" ? "whole" : "mode" });
    } else return;
    e.preventDefault();
  });
  for (const trait of ["pulse", "beat", "training"]) shell.on(`change:${trait}`, paintPulse);
  for (const trait of ["rows", "more", "beat"]) shell.on(`change:${trait}`, paintRows);
  shell.on("change:rows", highlight);
  shell.on("change:graph", paintGraph);
  shell.on("change:curve", paintCurve);
  shell.on("comm_live_update", stop);
  shell.on("msg:custom", () => {
    goOn();
    if (!left) shell.say(model.get("last").note);
  });
  paintPulse(); paintPlay(); paintCurve(); paintRows(); paintGraph();
  shell.open(el);
  return () => { stop(); shell.close(); };
}

export default { render };
