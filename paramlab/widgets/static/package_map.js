/* The map of the package: whose code each piece is. */

const OWN = svg('<path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" fill="currentColor"/>');
const KEPT = svg('<path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" fill="none" stroke="currentColor" stroke-width="1.6"/>');
const THEIRS = svg('<circle cx="8" cy="8" r="2.2" fill="currentColor"/>');
const STATE_ICON = { mine: OWN, kept: KEPT, theirs: THEIRS };

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Each piece that passes its check becomes part of the package, here and now.";
  const shell = frame(model, { cls: "pk", label: "The pieces of paramlab, and whose they are", hint, keys: "Keys: arrows move" });
  const bar = h("div", "pk-bar", { "aria-hidden": "true" }, h("i"));
  const list = h("div", "pk-list", { role: "listbox", "aria-label": "Pieces" });
  const detail = h("div", "pk-detail", { role: "region", "aria-label": "The chosen piece" });
  shell.fill(bar, h("div", "pk-two", {}, list, detail));
  let chosen = "";

  const pieces = () => model.get("groups").flatMap((group) => group.pieces);
  const sign = (state) => {
    const t = document.createElement("template");
    t.innerHTML = STATE_ICON[state] ?? ICON.warn;
    return t.content.firstChild;
  };
  function paint() {
    const hadFocus = list.contains(document.activeElement), [mine, total] = model.get("total");
    if (!pieces().some((piece) => piece.name === chosen)) chosen = pieces()[0]?.name ?? "";
    shell.count.textContent = `${mine} of ${total} pieces are yours`;
    bar.firstChild.style.width = `${total ? (100 * mine) / total : 0}%`;
    list.replaceChildren(...model.get("groups").map((group) => {
      const title = `lesson ${String(group.lesson).padStart(2, "0")}`;
      return h("div", "pk-group", { role: "group", "aria-label": `${group.owner}, ${title}` },
        h("header", "", { "aria-hidden": "true" }, h("code", "", {}, group.owner), h("span", "", {}, title)),
        ...group.pieces.map(tile));
    }));
    paintDetail();
    if (hadFocus) focus({ preventScroll: true });
  }
  function tile(piece) {
    const on = piece.name === chosen, [got, all] = piece.points;
    return h("div", `pk-tile ${piece.state}`, { role: "option", "aria-selected": on, tabindex: on ? 0 : -1, "data-name": piece.name, "data-state": piece.state, "aria-label": `${piece.name}: ${piece.says}. ${got} of ${all} points.` },
      h("span", "pk-sign", {}, sign(piece.state)), h("code", "", {}, piece.attribute), h("span", "pk-points", {}, `${got} / ${all}`));
  }
  function paintDetail() {
    const piece = pieces().find(({ name }) => name === chosen);
    if (!piece) return detail.replaceChildren("There is no piece yet.");
    detail.replaceChildren(
      h("p", "pk-name", {}, h("b", "", {}, piece.name), h("span", `pk-state ${piece.state}`, {}, sign(piece.state), piece.says)),
      h("p", "", {}, ...prose(piece.does)), ...(piece.why ? [h("p", "pk-why", {}, piece.why)] : []),
      ...(piece.code ? [h("pre", "", { tabindex: 0, "aria-label": "Your code" }, piece.code)] : [h("p", "pk-none", {}, "You have not built it yet.")]));
  }
  /** The text of a docstring, its ``code`` as code. */
  function prose(text) { return text.split("``").map((part, at) => (at % 2 ? h("code", "", {}, part) : part)); }
  function focus(how) { list.querySelector("[aria-selected=true]")?.focus(how); }
  function choose(name) {
    chosen = name;
    list.querySelectorAll("[role=option]").forEach((option) => {
      const on = option.dataset.name === name;
      option.setAttribute("aria-selected", on);
      option.tabIndex = on ? 0 : -1;
    });
    paintDetail();
    focus(); // and scroll it into sight
  }
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) choose(option.dataset.name);
  });
  list.addEventListener("keydown", (e) => {
    const all = pieces(), at = all.findIndex(({ name }) => name === chosen);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -all.length, End: all.length }[e.key];
    if (!step || !all.length) return;
    e.preventDefault();
    choose(all[Math.min(all.length - 1, Math.max(0, at + step))].name);
  });
  shell.on("change:groups", paint);
  shell.on("change:total", paint);
  shell.on("msg:custom", () => shell.say(`${model.get("last").note} ${shell.count.textContent}.`));
  paint();
  shell.open(el);
  return () => shell.close();
}

export default { render };
