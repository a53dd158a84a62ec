// Every method on every problem, as a table of buttons: keyboard and screen reader can walk it.
function heatColor(relative) {
  const far = Math.min(1, Math.log10(relative) / 3);
  return `color-mix(in oklab, var(--heat-near), var(--heat-far) ${(100 * far).toFixed(0)}%)`;
}

function heatCell(row) {
  if (!row) return element("td");
  const right = row.status === "ok" && row.relative !== null;
  const text = right ? ratio(row.relative) : row.status;
  const button = element("button", {
    type: "button", "data-cell": row.index, className: right ? (row.relative === 1 ? "best" : "") : kind(row.status),
    title: right ? row.time : row.reason, "aria-label": `${row.backend} ${row.method}, ${row.contest}: ${right ? `${text} the fastest, ${row.time}` : `${row.status}, ${row.reason}`}`,
  }, text);
  if (right) {
    button.style.background = heatColor(row.relative);
    if (!isDark() && row.relative > 300) button.style.color = "#fff";
  }
  return element("td", {}, button);
}

function drawHeat() {
  const rows = cells.filter((row) => row.operator === state.op && (!state.problem || row.label === state.problem) && !state.off.has(row.backend));
  const heads = [...new Map(rows.map((row) => [row.contest, row])).values()];
  const methods = new Map();
  for (const row of rows) {
    const key = `${row.backend}\n${row.method}`;
    if (!methods.has(key)) methods.set(key, new Map());
    methods.get(key).set(row.contest, row);
  }
  const head = element("tr", {}, element("th", { scope: "col" }, "method"),
    ...heads.map((row) => element("th", { scope: "col" }, row.label, element("br"), `n = ${row.n}`)));
  const body = [...methods.values()].map((line) => {
    const first = line.values().next().value;
    return element("tr", {}, element("th", { scope: "row" }, frameworkMark(first.backend), ` ${first.method}`), ...heads.map((row) => heatCell(line.get(row.contest))));
  });
  const table = element("table", { className: "data heat" }, element("caption", { className: "hidden" }, `${state.op}: multiples of the fastest correct time`),
    element("thead", {}, head), element("tbody", {}, ...body));
  document.getElementById("heatmap").replaceChildren(rows.length ? table : "Nothing to show for this choice.");
}

const frameworkMark = (name) => {
  const mark = document.querySelector(`.chip[data-framework="${CSS.escape(name)}"] .mark`)?.cloneNode(true) ?? element("span");
  mark.removeAttribute("aria-hidden");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", name);
  return mark;
};

function startHeat() {
  const place = document.getElementById("heatmap");
  if (!place) return;
  let waiting = true;
  let visible = false;
  const refresh = () => visible && waiting && ((waiting = false), drawHeat());
  new IntersectionObserver(([entry]) => ((visible = entry.isIntersecting), refresh()), { rootMargin: "300px" }).observe(place);
  listeners.push((changes) => {
    if (["op", "problem", "off"].some((key) => key in changes)) (waiting = true), refresh();
  });
  document.getElementById("theme").addEventListener("click", () => ((waiting = true), refresh()));
}
