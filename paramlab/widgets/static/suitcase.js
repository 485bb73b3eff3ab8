/* Suitcase: what state_dict() packs, and what load_state_dict() finds when it opens the suitcase.
 *
 * Three columns: the model that is packed, the suitcase, the model that opens it. A line a name.
 */

const TAG = { fits: ["yes", "fits"], missing: ["warn", "missing"], unexpected: ["warn", "unexpected"], shape: ["warn", "wrong shape"] };

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Pack the model, take a key out or rename it, then open the suitcase.";
  const keys = "Keys: arrows move, Delete takes out, Enter renames";
  const shell = frame(model, { cls: "sc", label: "Suitcase: what is saved, and what is found when it is loaded", hint, keys });
  const strict = h("button", "pl-btn sc-strict", { type: "button", role: "switch" });
  const head = h("div", "sc-row sc-head", { role: "row" });
  const body = h("div", "sc-body", { role: "rowgroup" });
  const grid = h("div", "sc-grid", { role: "grid", "aria-label": "Keys" }, h("div", "", { role: "rowgroup" }, head), body);
  const more = h("p", "sc-more"), opened = h("div", "sc-opened", { role: "status" });
  shell.beside(strict);
  shell.fill(grid, more, opened);
  let cur = 0, editing = false;

  const rows = () => model.get("rows");
  const line = (i) => body.children[i];

  function paint() {
    const hadFocus = body.contains(document.activeElement);
    const does = ["packs", "the suitcase", "opens it"];
    head.replaceChildren(h("div", "sc-cell", { role: "columnheader" }, "Name"), ...model.get("heads").map((text, at) =>
      h("div", "sc-cell", { role: "columnheader" }, h("code", "", {}, text), h("span", "", {}, does[at]))));
    cur = Math.min(cur, Math.max(0, rows().length - 1));
    editing = false;
    body.replaceChildren(...rows().map(makeRow));
    more.textContent = model.get("more");
    const [fit, all] = model.get("fits").map(number);
    shell.count.textContent = model.get("fits")[1] ? `${fit} of ${all} fit` : "not packed";
    if (hadFocus) line(cur)?.focus({ preventScroll: true });
  }
  function makeRow(row, i) {
    const { key, from, packed, to, tag, says } = row;
    const told = `${key}. ${from ? (from.saved ? "saved" : `not saved: ${from.why}`) : "not in the model"}. ${packed ? "in the suitcase" : "not in the suitcase"}. ${says}`;
    const element = h("div", `sc-row${from && !from.saved ? " unsaved" : ""}`, { role: "row", tabindex: i === cur ? 0 : -1, "data-key": key, "data-tag": tag, "aria-label": told });
    element.append(
      h("div", "sc-cell sc-key", { role: "gridcell" }, h("span", "sc-name", {}, key)),
      h("div", "sc-cell", { role: "gridcell" }, ...(from ? [tensor(from), ...(from.saved ? [] : [h("span", "sc-why", {}, from.why)])] : [])),
      h("div", "sc-cell sc-case", { role: "gridcell" }, ...(packed ? [values(packed.values), h("span", "sc-shape", {}, packed.shape), tools(key)] : [])),
      h("div", "sc-cell", { role: "gridcell" }, ...(to ? [tensor(to)] : []), ...(TAG[tag] ? [label(tag, says)] : [])));
    element.addEventListener("focus", () => choose(i));
    return element;
  }
  function tensor({ kind, shape, values: v }) {
    return h("span", "sc-tensor", { "data-kind": kind }, h("span", "pl-chip", { title: KIND[kind] }, icon(kind)), values(v), h("span", "sc-shape", {}, shape));
  }
  function values(v) {
    const element = strip("", { role: "img", "aria-label": "values" });
    patchStrip(element, v);
    return element;
  }
  function label(tag, says) {
    const [state, text] = TAG[tag];
    return h("span", `sc-tag ${state}`, { title: says, "data-st": state, "data-kind": "B" }, h("span", "pl-tok", {}, icon(state)), text);
  }
  function tools(key) {
    const rename = h("button", "sc-act", { type: "button", tabindex: -1, title: "Rename this key (Enter)", "aria-label": `Rename ${key}` }, "rename");
    const remove = h("button", "sc-act", { type: "button", tabindex: -1, title: "Take this key out (Delete)", "aria-label": `Take ${key} out` }, icon("cross"));
    rename.onclick = () => edit(rows().findIndex((row) => row.key === key));
    remove.onclick = () => shell.send({ do: "remove", key });
    return h("span", "sc-acts", {}, rename, remove);
  }
  function choose(i) {
    cur = i;
    [...body.children].forEach((element, at) => { element.tabIndex = at === i ? 0 : -1; });
  }
  function edit(i) {
    if (editing || !rows()[i]?.packed) return;
    editing = true;
    choose(i);
    const key = rows()[i].key, name = line(i).querySelector(".sc-name");
    const input = h("input", "sc-input", { type: "text", value: key, "aria-label": `New name of ${key}`, spellcheck: "false" });
    name.replaceWith(input);
    input.focus();
    input.select();
    const done = (to) => {
      if (!editing) return;
      editing = false;
      input.replaceWith(name);
      line(i)?.focus({ preventScroll: true });
      if (to && to !== key) shell.send({ do: "rename", key, to });
    };
    input.addEventListener("keydown", (e) => {
      if (e.key === "Enter") { e.preventDefault(); e.stopPropagation(); done(input.value.trim()); }
      else if (e.key === "Escape") { e.stopPropagation(); done(""); }
      else e.stopPropagation();
    });
    input.addEventListener("blur", () => done(""));
  }
  body.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || editing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -rows().length, End: rows().length }[e.key];
    if (step) {
      choose(Math.min(rows().length - 1, Math.max(0, cur + step)));
      line(cur).focus({ preventScroll: false });
    } else if (e.key === "Delete" || e.key === "Backspace") {
      if (rows()[cur]?.packed) shell.send({ do: "remove", key: rows()[cur].key });
    } else if (e.key === "Enter" || e.key === "F2") edit(cur);
    else return;
    e.preventDefault();
  });

  function paintStrict() {
    const on = model.get("strict");
    strict.setAttribute("aria-checked", String(on));
    strict.replaceChildren(h("span", "sc-knob", { "aria-hidden": "true" }), h("code", "", {}, `strict=${on ? "True" : "False"}`));
  }
  strict.onclick = () => shell.send({ do: "strict", on: !model.get("strict") });
  function paintOpened() {
    const { ok, text } = model.get("opened");
    opened.className = `sc-opened${text ? (ok ? " ok" : " fails") : ""}`;
    opened.replaceChildren(...(text ? [h("span", "pl-tok", { "data-st": ok ? "yes" : "warn", "data-kind": "B" }, icon(ok ? "yes" : "warn")), h("p", "", {}, text)] : []));
  }
  for (const trait of ["rows", "heads", "more", "fits"]) shell.on(`change:${trait}`, paint);
  shell.on("change:strict", paintStrict);
  shell.on("change:opened", paintOpened);
  shell.on("msg:custom", () => shell.say(`${model.get("last").note} ${model.get("opened").text ?? ""}`));
  paint(); paintStrict(); paintOpened();
  shell.open(el);
  return () => shell.close();
}

export default { render };
