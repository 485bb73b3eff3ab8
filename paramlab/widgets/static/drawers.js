/* Drawers: into which of a module's dicts does an assignment fall?
 *
 * Choose a line or type one, guess, and it is run. The drawers show what Python finds in the module afterwards.
 */

const CHOICES = ["_parameters", "_buffers", "_modules", "__dict__", "an error"];

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const hint = "Guess where the line falls: that runs it.", keys = "Keys: 1 to 5 guess, N next line";
  const shell = frame(model, { cls: "dr", label: "Drawers: where does an assignment fall?", hint, keys });
  const cards = h("div", "dr-cards", { role: "radiogroup", "aria-label": "Lines to guess at" });
  const line = h("input", "dr-line", { type: "text", "aria-label": "The line to run", spellcheck: "false", autocapitalize: "off" });
  const guesses = h("div", "dr-guesses", { role: "group", "aria-label": "Where does it fall?" }, ...CHOICES.map((choice, at) =>
    h("button", "dr-guess", { type: "button", "data-guess": choice, title: `Guess ${choice} (${at + 1})` }, h("code", "", {}, choice))));
  const outcome = h("p", "dr-outcome", { role: "status" });
  const drawers = h("div", "dr-drawers");
  shell.fill(
    h("div", "dr-ask", {},
      cards,
      h("div", "dr-try", {}, h("label", "", {}, h("span", "dr-label", {}, "Where does this line put its value?"), line), guesses, outcome)),
    drawers);

  function paintCards() {
    const hadFocus = cards.contains(document.activeElement), chosen = model.get("line");
    cards.replaceChildren(...model.get("cards").map(({ line: text, done }) => {
      const on = text === chosen;
      return h("button", `dr-card${done ? " done" : ""}`, { type: "button", role: "radio", "aria-checked": on, tabindex: on ? 0 : -1, "data-line": text },
        h("code", "", {}, text), ...(done ? [h("span", "dr-done", { title: "done" }, icon("yes"))] : []));
    }));
    const on = cards.querySelector("[aria-checked=true]");
    if (on) cards.scrollTop = Math.min(on.offsetTop - 8, Math.max(cards.scrollTop, on.offsetTop + on.offsetHeight - cards.clientHeight + 8));
    if (!cards.querySelector("[tabindex='0']")) cards.firstChild?.setAttribute("tabindex", "0");
    if (hadFocus) (cards.querySelector("[aria-checked=true]") ?? cards.firstChild)?.focus();
  }
  function paintLine() { line.value = model.get("line"); paintCards(); paintOutcome(); }
  function paintDrawers() {
    drawers.replaceChildren(...model.get("drawers").map(({ name, says, items }) =>
      h("section", "dr-drawer", { "aria-label": `${name}: ${items.length}`, "data-drawer": name },
        h("header", "", {}, h("code", "", {}, name), h("span", "", {}, says)),
        h("ul", "", {}, ...items.map((item) =>
          h("li", item.new ? "new" : "", { "data-name": item.name, ...(item.kind && item.kind !== "M" ? { "data-kind": item.kind } : {}) },
            ...(ICON[item.kind] ? [h("span", "pl-chip", { title: KIND[item.kind] }, icon(item.kind))] : []),
            h("b", "", {}, item.name), h("span", "", {}, item.text)))),
        ...(items.length ? [] : [h("p", "dr-empty", {}, "empty")]))));
  }
  function paintOutcome() {
    const { guess, answer, why, line: text } = model.get("outcome");
    outcome.replaceChildren();
    outcome.className = `dr-outcome${answer ? (guess === answer ? " right" : " wrong") : ""}`;
    guesses.querySelectorAll("button").forEach((button) => {
      button.classList.toggle("is-answer", button.dataset.guess === answer);
      button.classList.toggle("was-guess", button.dataset.guess === guess && guess !== answer);
    });
    lock();
    if (!answer) return;
    outcome.append(h("code", "", {}, text), h("b", "", {}, guess === answer ? `Right: ${answer}. ` : `${guess}? No: ${answer}. `), why);
    const rest = () => model.get("cards").find((card) => !card.done && card.line !== text);
    if (rest()) {
      const next = h("button", "pl-act dr-next", { type: "button" }, "Next line", h("kbd", "", { "aria-hidden": "true" }, "N"));
      next.onclick = () => shell.send({ do: "choose", line: rest().line });
      outcome.append(next);
    }
    const right = guess === answer;
    shell.say(`${right ? "Right" : "No"}: ${answer}. ${why}`);
  }
  /** A line that was run has its answer: there is nothing to guess until there is another. */
  function lock() {
    const over = line.value.trim() === model.get("outcome").line;
    guesses.querySelectorAll("button").forEach((button) => { button.disabled = over; });
    return over;
  }
  function guess(choice) {
    if (line.value.trim() && !lock()) shell.send({ do: "guess", line: line.value.trim(), guess: choice });
  }
  line.addEventListener("input", lock);

  cards.addEventListener("click", (e) => {
    const card = e.target.closest("[data-line]");
    if (card) shell.send({ do: "choose", line: card.dataset.line });
  });
  cards.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const all = [...cards.children], next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    shell.send({ do: "choose", line: next.dataset.line });
  });
  guesses.addEventListener("click", (e) => {
    const button = e.target.closest("[data-guess]");
    if (button) guess(button.dataset.guess);
  });
  shell.root.addEventListener("keydown", (e) => {
    if (e.target === line || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key.toLowerCase() === "n") outcome.querySelector(".dr-next")?.click();
    else if (CHOICES[+e.key - 1]) guess(CHOICES[+e.key - 1]);
    else return;
    e.preventDefault();
  });
  shell.on("change:cards", paintCards);
  shell.on("change:line", paintLine);
  shell.on("change:drawers", paintDrawers);
  shell.on("change:outcome", paintOutcome);
  paintLine(); paintDrawers();
  shell.open(el);
  return () => shell.close();
}

export default { render };
