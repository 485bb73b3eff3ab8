/* Movers: the places that tensors are in, and what .to() does to each of them. */

const INPUT = svg(line("M2 8h8m-3-3 3 3-3 3M13 3v10"));

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Move the model, then run it: what stayed behind is the line that fails.";
  const shell = frame(model, { cls: "mv", label: "Movers: what follows .to()?", hint });
  const model_to = h("div", "mv-targets", { role: "group", "aria-label": "Move the model" });
  const input_to = h("div", "mv-targets", { role: "group", "aria-label": "Move the input" });
  const places = h("div", "mv-places");
  const result = h("div", "mv-result", { role: "status" });
  const bar = h("div", "mv-bar", {}, h("span", "mv-label", {}, "Move the model to"), model_to, h("span", "mv-label mv-in", {}, "the input to"), input_to);
  shell.fill(bar, places, result);

  function paintTargets() {
    const held = document.activeElement?.dataset?.key;
    const row = (what) => model.get("targets").map(({ to, text, line: code }) => {
      const button = h("button", "mv-to", { type: "button", "data-key": `${what}-${to}`, title: what === "to" ? code : `the input to ${text}` }, h("code", "", {}, text));
      button.onclick = () => shell.send({ do: what, target: to });
      return button;
    });
    model_to.replaceChildren(...row("to"));
    input_to.replaceChildren(...row("input"));
    const hasInput = model.get("tools").some((tool) => tool.do === "run" && tool.on);
    bar.classList.toggle("alone", !hasInput);
    if (held) shell.root.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
  }
  /** Chips that change places slide there from where they were. */
  function paintPlaces() {
    const was = new Map([...places.querySelectorAll("li")].map((li) => [li.dataset.name, li.getBoundingClientRect()]));
    places.replaceChildren(...model.get("places").map(({ name, total, items }) =>
      h("section", "mv-place", { "data-place": name, "aria-label": `${name}: ${number(total)}` },
        h("header", "", {}, h("code", "", {}, name), h("span", "", {}, tensors(total))),
        h("ul", "", {}, ...items.map((item) => {
          const chip = h("li", item.look ? "look" : "", { "data-name": item.name, "data-kind": item.kind }, h("span", "pl-chip", { title: KIND[item.kind] ?? "input" }, item.kind === "I" ? inputIcon() : icon(item.kind)), h("b", "", {}, item.name));
          if (item.look) chip.append(h("span", "pl-tok", { "data-st": "warn" }, icon("warn")), h("span", "mv-note", {}, "left behind"));
          else if (item.note) chip.append(h("span", "mv-note", {}, item.note));
          return chip;
        })),
        ...(total > items.length ? [h("p", "mv-more", {}, `and ${number(total - items.length)} more`)] : []))));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const li of places.querySelectorAll("li")) {
      const before = was.get(li.dataset.name);
      if (!before) continue;
      const now = li.getBoundingClientRect();
      const [dx, dy] = [before.left - now.left, before.top - now.top];
      if (dx || dy) li.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }], { duration: 380, easing: "cubic-bezier(.3,1,.4,1)" });
    }
  }
  function inputIcon() {
    const t = document.createElement("template");
    t.innerHTML = INPUT;
    return t.content.firstChild;
  }
  function paintResult() {
    const { line: code, ok, text, at } = model.get("result");
    result.className = `mv-result${code ? (ok ? " ok" : " fails") : ""}`;
    if (!code) return result.replaceChildren();
    result.replaceChildren(h("span", "pl-tok", { "data-st": ok ? "yes" : "warn", "data-kind": "B" }, icon(ok ? "yes" : "warn")),
      h("p", "", {}, h("code", "", {}, at ? `in ${at}` : code), h("br"), text));
  }
  shell.on("change:places", paintPlaces);
  shell.on("change:targets", paintTargets);
  shell.on("change:tools", paintTargets);
  shell.on("change:result", paintResult);
  shell.on("msg:custom", () => shell.say(`${model.get("last").note} ${model.get("result").text ?? ""}`));
  paintTargets(); paintPlaces(); paintResult();
  shell.open(el);
  return () => shell.close();
}

export default { render };
