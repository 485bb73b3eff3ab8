/* Predict: the answers stay hidden until every question has a guess.
 *
 * A table of tensors and questions. Each cell is a choice of yes and no; what was chosen, and after Reveal what is
 * right, comes from Python.
 */

const SAYS = { y: "yes", n: "no", ".": "no guess yet" };

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "For each tensor and each question: yes or no?";
  const keys = "Keys: arrows move, Y yes, N no, Delete clears";
  const shell = frame(model, { cls: "pr", label: "Predict who picks each tensor up", hint, keys });
  const body = h("tbody"), head = h("tr");
  const table = h("table", "pr-table", { role: "grid", "aria-label": "Your guesses" }, h("thead", "", {}, head), body);
  const why = h("div", "pr-why", { role: "region", "aria-label": "Why" });
  shell.fill(table, why);
  let at = [0, 0]; // the cell with the focus: row, question

  const heads = () => model.get("heads");
  const rows = () => model.get("rows");
  const given = (i, q) => model.get("given")[i]?.[q] ?? ".";
  const answer = (i, q) => model.get("answers")[i]?.[q];
  const isRevealed = () => model.get("answers").length > 0;

  function paint() {
    const hadFocus = table.contains(document.activeElement);
    head.replaceChildren(h("th", "", { scope: "col" }, "Tensor"), ...heads().map(([lane, label]) =>
      h("th", "", { scope: "col", title: asks(lane) }, h("code", "", {}, h("span", "full", {}, label), h("span", "short", {}, SHORT[LANES.indexOf(lane)])))));
    body.replaceChildren(...rows().map((row, i) => h("tr", "", { "data-name": row.name, "data-kind": row.kind },
      h("th", "", { scope: "row" }, h("div", "pr-tensor", {}, h("span", "pr-name", {}, row.name), h("span", "pl-chip", {}, icon(row.kind), KIND[row.kind]), h("span", "pr-shape", {}, row.shape))),
      ...heads().map(([lane, label], q) => cell(i, q, row, lane, label)))));
    shell.count.textContent = isRevealed() ? `${right()} of ${rows().length * heads().length} right` : `${left()} to go`;
    at = [Math.min(at[0], Math.max(0, rows().length - 1)), at[1]];
    paintWhy();
    if (hadFocus) focus();
  }
  function asks(lane) { return ASKS[LANES.indexOf(lane)]; }
  function left() { return model.get("given").join("").split(".").length - 1; }
  function right() {
    return rows().reduce((sum, _, i) => sum + heads().filter((_, q) => given(i, q) === answer(i, q)).length, 0);
  }
  function cell(i, q, row, lane, label) {
    const mine = given(i, q), real = answer(i, q);
    const verdict = real ? (real === mine ? "right" : "wrong") : "";
    const says = `${row.name}, ${label}: ${SAYS[mine]}${real ? `, ${verdict}: ${SAYS[real]}` : ""}`;
    const here = i === at[0] && q === at[1];
    const td = h("td", `pr-cell ${verdict}`, { role: "gridcell", tabindex: here ? 0 : -1, "data-lane": lane, "data-at": `${i},${q}`, "aria-label": says });
    if (real) {
      const guessed = h("span", "pr-mine", {}, mine === "." ? "no guess" : SAYS[mine]);
      td.append(h("span", "pr-verdict", {}, icon(verdict === "right" ? "yes" : "cross"), guessed));
      if (verdict === "wrong") td.firstChild.append(h("b", "", {}, SAYS[real]));
    } else td.append(...["y", "n"].map((choice) =>
      h("button", "pr-choice", { type: "button", tabindex: -1, "data-choice": choice, "aria-pressed": mine === choice, "aria-label": `${SAYS[choice]}: ${row.name}, ${label}` }, SAYS[choice])));
    return td;
  }
  function paintWhy() {
    const [i, q] = at;
    if (!rows().length) return why.replaceChildren("There is no tensor to ask about.");
    const [lane, label] = heads()[q], name = rows()[i].name;
    if (!isRevealed()) return why.replaceChildren(h("b", "", {}, name), h("span", "", {}, asks(lane)));
    const [state, text] = model.get("reasons")[i][q];
    why.replaceChildren(
      h("span", "pl-tok", { "data-st": state, "data-kind": rows()[i].kind, title: WORD[state] }, icon(state)),
      h("p", "", {}, h("b", "", {}, name), " ", h("code", "", {}, label), h("br"), text));
  }
  function focus() { body.querySelector(`[data-at="${at.join()}"]`)?.focus({ preventScroll: true }); }
  function move(down, across) {
    at = [
      Math.min(rows().length - 1, Math.max(0, at[0] + down)),
      Math.min(heads().length - 1, Math.max(0, at[1] + across)),
    ];
    body.querySelectorAll("td").forEach((td) => { td.tabIndex = td.dataset.at === at.join() ? 0 : -1; });
    paintWhy();
    focus();
  }
  function guess([i, q], choice) {
    if (isRevealed() || given(i, q) === choice) return;
    shell.send({ do: "guess", name: rows()[i].name, lane: heads()[q][0], answer: choice === "." ? null : choice === "y" });
  }

  const MOVES = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Home: [0, -9], End: [0, 9] };
  table.addEventListener("keydown", (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey) return;
    const key = e.key.toLowerCase();
    if (MOVES[e.key]) move(...MOVES[e.key]);
    else if (key === "y" || key === "n") guess(at, key);
    else if (key === "delete" || key === "backspace") guess(at, ".");
    else if (key === " ") guess(at, given(...at) === "y" ? "n" : "y");
    else return;
    e.preventDefault();
  });
  body.addEventListener("click", (e) => {
    const td = e.target.closest("td"), choice = e.target.closest("[data-choice]")?.dataset.choice;
    if (!td) return;
    at = td.dataset.at.split(",").map(Number);
    move(0, 0);
    if (choice) guess(at, given(...at) === choice ? "." : choice);
  });

  for (const trait of ["heads", "rows", "given", "answers", "reasons"]) shell.on(`change:${trait}`, paint);
  shell.on("msg:custom", () => shell.say(`${model.get("last").note} ${body.querySelector(`[data-at="${at.join()}"]`)?.getAttribute("aria-label") ?? ""}`));
  paint();
  shell.open(el);
  return () => shell.close();
}

export default { render };
