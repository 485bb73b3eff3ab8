/* Clinic: a symptom, the tensors of a small program that is ill, and lines that may cure it.
 *
 * The table is the pick-up map's, to be read only: a row is chosen to see why, and suspected to be the cause.
 */

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Run the test, find the tensor, choose a cure.", keys = "Keys: T test, arrows choose, Enter suspects, 1 to 4 cure, N next patient";
  const shell = frame(model, { cls: "cl", label: "Clinic: what is wrong with this model?", hint, keys });
  const beds = h("div", "cl-beds", { role: "radiogroup", "aria-label": "Patients" });
  const symptom = h("p", "cl-symptom"), link = h("a", "cl-link", { target: "_blank", rel: "noopener" });
  const verdict = h("div", "cl-verdict");
  const test = h("button", "pl-act cl-test", { type: "button" }, h("span", "", {}, "Run the test"), h("kbd", "", { "aria-hidden": "true" }, "T"));
  test.onclick = () => shell.send({ do: "test" });
  const program = h("code"), listing = h("pre", "cl-program", { tabindex: "0", role: "region", "aria-label": "The program" }, program);
  const head = h("tr"), body = h("tbody");
  const table = h("table", "cl-table", { role: "grid", "aria-label": "Its tensors, and who picks each of them up" }, h("thead", "", {}, head), body);
  const why = h("div", "cl-why", { role: "region", "aria-label": "Why" });
  const suspicion = h("div", "cl-suspicion");
  const cures = h("div", "cl-cures", { role: "group", "aria-label": "Cures" });
  const own = h("input", "cl-own", { type: "text", "aria-label": "A line of your own", placeholder: "or a line of your own: model. …", spellcheck: "false", autocapitalize: "off" });
  const give = h("button", "pl-act cl-give", { type: "button" }, "Run it");
  const cureBox = h("div", "cl-curebox", {}, h("p", "cl-ask", {}, "Which line is the smallest cure?"), cures, h("form", "cl-form", {}, own, give));
  shell.fill(
    beds,
    h("div", "cl-case", {}, h("div", "cl-story", {}, h("blockquote", "", {}, symptom), link, verdict), listing),
    table, why, suspicion, cureBox);
  let chosen = 0, patient = -1;

  const rows = () => model.get("rows");
  const sign = (name, state) => h("span", "pl-tok", { "data-st": state, "data-kind": "B" }, icon(name));

  function paintBeds() {
    const held = beds.contains(document.activeElement), healed = model.get("beds"), at = model.get("at");
    beds.replaceChildren(...healed.map((well, i) => {
      const label = `Patient ${i + 1}, ${well ? "healed" : "ill"}`;
      const on = i === at;
      const button = h("button", `cl-bed${well ? " well" : ""}`, { type: "button", role: "radio", "aria-checked": on, tabindex: on ? 0 : -1, "aria-label": label, title: label, "data-bed": i }, String(i + 1));
      if (well) button.append(icon("yes"));
      return button;
    }));
    shell.count.textContent = `${healed.filter(Boolean).length} of ${healed.length} healed`;
    if (held) beds.children[at]?.focus();
  }
  function paintStory() {
    const { symptom: text, program: lines, url, report, test: code } = model.get("told");
    symptom.textContent = text;
    program.textContent = lines;
    link.textContent = `reported as ${report}`;
    link.href = url;
    test.title = code;
    if (patient !== model.get("at")) { patient = model.get("at"); chosen = 0; own.value = ""; }
  }
  function paintVerdict() {
    const { healed, saw } = model.get("verdict");
    verdict.className = `cl-verdict ${saw ? (healed ? "green" : "red") : ""}`;
    const held = document.activeElement === test;
    verdict.replaceChildren();
    if (!saw) verdict.append(h("p", "", {}, "The test has not been run."));
    else verdict.append(sign(healed ? "yes" : "warn", healed ? "yes" : "warn"), h("p", "", {}, h("b", "", {}, healed ? "Healed. " : "Ill. "), saw));
    verdict.append(test);
    test.firstChild.textContent = saw ? "Run it again" : "Run the test";
    if (held) test.focus({ preventScroll: true });
  }
  function paintTable() {
    const held = table.contains(document.activeElement);
    chosen = Math.min(chosen, Math.max(0, rows().length - 1));
    head.replaceChildren(h("th", "", { scope: "col" }, "Tensor"), ...model.get("heads").map(([lane, label]) =>
      h("th", "", { scope: "col", title: ASKS[LANES.indexOf(lane)] }, h("code", "", {}, h("span", "full", {}, label), h("span", "short", {}, SHORT[LANES.indexOf(lane)])))));
    body.replaceChildren(...rows().map((row, i) => {
      const tr = h("tr", i === chosen ? "sel" : "", { "data-name": row.name, "data-kind": row.kind, tabindex: i === chosen ? 0 : -1, "aria-selected": i === chosen },
        h("th", "", { scope: "row" }, h("div", "cl-tensor", {}, h("span", "cl-name", {}, row.name), h("span", "pl-chip", {}, icon(row.kind), KIND[row.kind]), h("span", "cl-shape", {}, row.shape))),
        ...row.states.map((state, q) => h("td", "", { "data-st": state, "aria-label": `${model.get("heads")[q][1]}: ${WORD[state]}`, title: row.why[q] }, h("span", "pl-tok", {}, icon(state)))));
      const { name, right } = model.get("suspicion");
      if (name === row.name) tr.classList.add(right ? "right" : "wrong");
      return tr;
    }));
    paintWhy();
    if (held) body.children[chosen]?.focus({ preventScroll: true });
  }
  function paintWhy() {
    const row = rows()[chosen];
    if (!row) return why.replaceChildren();
    const held = why.contains(document.activeElement);
    const blame = h("button", "pl-act cl-blame", { type: "button" }, "It is this one", h("kbd", "", { "aria-hidden": "true" }, "↵"));
    blame.onclick = () => suspect(row.name);
    why.replaceChildren(
      h("div", "cl-chosen", { "data-kind": row.kind }, h("b", "cl-name", {}, row.name), h("span", "pl-chip", {}, icon(row.kind), KIND[row.kind]), blame),
      h("div", "pl-cards", {}, ...row.states.map((state, q) =>
        h("div", "pl-card", { "data-st": state, "data-kind": row.kind }, h("span", "pl-tok", { title: WORD[state] }, icon(state)), h("p", "", {}, h("code", "", {}, model.get("heads")[q][1]), row.why[q])))));
    if (held) why.querySelector(".cl-blame").focus({ preventScroll: true });
  }
  function paintSuspicion() {
    const { name, right, text, census } = model.get("suspicion");
    suspicion.hidden = !name;
    if (!name) return;
    suspicion.className = `cl-suspicion ${right ? "right" : "wrong"}`;
    suspicion.replaceChildren(sign(right ? "yes" : "cross", "yes"), h("p", "", {},
      h("code", "cl-name", {}, name), " ", h("b", "", {}, right ? "Yes, this one. " : "Not this one. "), text,
      ...(census ? [h("span", "cl-census", {}, census)] : [])));
  }
  function paintCures() {
    const held = document.activeElement?.getAttribute("data-line");
    const all = model.get("cures");
    cureBox.hidden = !all.length;
    cures.replaceChildren(...all.map(({ line: code, tried, heals, why: because }, i) => {
      const button = h("button", `cl-cure${tried ? (heals ? " heals" : " fails") : ""}`, { type: "button", "data-line": code, title: `Cure ${i + 1}` },
        h("span", "cl-number", {}, tried ? icon(heals ? "yes" : "cross") : String(i + 1)),
        h("span", "cl-words", {}, h("code", "", {}, code), ...(tried ? [h("span", "cl-because", {}, h("b", "", {}, heals ? "It heals. " : "No cure. "), because)] : [])));
      button.onclick = () => shell.send({ do: "cure", line: code });
      return button;
    }));
    if (held) cures.querySelector(`[data-line="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }
  function suspect(name) { shell.send({ do: "suspect", name }); }
  function choose(i, focus = true) {
    chosen = Math.min(rows().length - 1, Math.max(0, i));
    [...body.children].forEach((tr, at) => {
      tr.classList.toggle("sel", at === chosen);
      tr.tabIndex = at === chosen ? 0 : -1;
      tr.setAttribute("aria-selected", String(at === chosen));
    });
    paintWhy();
    if (focus) body.children[chosen]?.focus({ preventScroll: true });
  }

  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6, Home: -1e6, End: 1e6 };
  table.addEventListener("keydown", (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey) return;
    if (STEPS[e.key]) choose(chosen + STEPS[e.key]);
    else if (e.key === "Enter" || e.key === " ") suspect(rows()[chosen].name);
    else return;
    e.preventDefault();
  });
  body.addEventListener("click", (e) => {
    const tr = e.target.closest("tr");
    if (tr) choose([...body.children].indexOf(tr));
  });
  beds.addEventListener("click", (e) => {
    const bed = e.target.closest("[data-bed]");
    if (bed) shell.send({ do: "go", to: +bed.dataset.bed });
  });
  beds.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const count = model.get("beds").length;
    shell.send({ do: "go", to: (model.get("at") + step + count) % count });
  });
  cureBox.querySelector("form").addEventListener("submit", (e) => {
    e.preventDefault();
    if (own.value.trim()) shell.send({ do: "cure", line: own.value.trim() });
  });
  give.addEventListener("click", () => cureBox.querySelector("form").requestSubmit());
  shell.root.addEventListener("keydown", (e) => {
    if (e.target === own || e.ctrlKey || e.metaKey || e.altKey) return;
    const key = e.key.toLowerCase(), cure = model.get("cures")[+key - 1];
    if (key === "t") shell.send({ do: "test" });
    else if (key === "n" && model.get("at") < model.get("beds").length - 1) shell.send({ do: "next" });
    else if (cure) shell.send({ do: "cure", line: cure.line });
    else return;
    e.preventDefault();
  });

  shell.on("change:beds", paintBeds);
  shell.on("change:at", paintBeds);
  shell.on("change:told", paintStory);
  shell.on("change:verdict", paintVerdict);
  shell.on("change:rows", paintTable);
  shell.on("change:suspicion", () => { paintTable(); paintSuspicion(); });
  shell.on("change:cures", paintCures);
  shell.on("msg:custom", ({ done }) => {
    const { text = "" } = model.get("suspicion"), { saw = "" } = model.get("verdict");
    const told = { suspect: text, test: saw, cure: saw }[done] ?? model.get("told").symptom;
    shell.say(`${model.get("last").note} ${told}`);
  });
  paintBeds(); paintStory(); paintVerdict(); paintTable(); paintSuspicion(); paintCures();
  shell.open(el);
  return () => shell.close();
}

export default { render };
