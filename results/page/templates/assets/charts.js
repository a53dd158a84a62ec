// Vega-Lite charts: drawn when they come into view, again when what is shown changes.
const MANY_PANELS = 12;
const CONFIG = {
  aria: false, background: null, font: "system-ui, sans-serif", view: { stroke: "#ccc" },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal", gridColor: "#ddd", tickColor: "#ccc", domainColor: "#ccc" },
  header: { labelFontSize: 12, labelFontWeight: "bold" }, legend: { labelFontSize: 11, titleFontSize: 11 },
};

function chosenChart(figure) {
  const options = [...figure.querySelectorAll(".views input")].map((input) => input.value);
  const group = figure.dataset.group;
  const crowded = group === "answer" && !state.problem && new Set(cells.map((row) => row.label)).size > 30;
  const start = crowded && options.includes("profile") ? "profile" : options[0];
  const single = () => Object.keys(page.charts).find((name) => page.charts[name].group === group);
  return options.includes(state.views[group]) ? state.views[group] : start ?? single();
}

function chartRows(name) {
  const { where, needs, group } = page.charts[name];
  const tests = Object.entries(where).map(([column, values]) => [column, values.map((v) => (typeof v === "boolean" ? Number(v) : v))]);
  const best = state.methods === "best" && group !== "answer" && group !== "accuracy";
  return cells.filter(
    (row) =>
      row.operator === state.op && (!state.problem || row.label === state.problem) && !state.off.has(row.backend) &&
      (!best || row.champion) && needs.every((column) => row[column] !== null) &&
      tests.every(([column, values]) => values.includes(row[column])),
  );
}

function panels(spec, rows, figure) {
  const field = spec.facet?.field;
  const names = field ? [...new Set(rows.map((row) => row[field]))] : [];
  const button = figure.querySelector(".more");
  const group = figure.dataset.group;
  button.hidden = names.length <= MANY_PANELS;
  button.textContent = state.whole.has(group) ? `Show ${MANY_PANELS} problems` : `Show all ${names.length} problems`;
  if (!field || state.whole.has(group) || names.length <= MANY_PANELS) return [rows, names.length];
  const kept = new Set(names.slice(0, MANY_PANELS));
  return [rows.filter((row) => kept.has(row[field])), MANY_PANELS];
}

function layOut(spec, width, count) {
  if (!spec.facet) return Object.assign(spec, { width, autosize: { type: "fit-x", contains: "padding" } });
  const apart = spec.resolve?.scale?.y === "independent";
  const label = apart ? 195 : 0;
  const columns = Math.max(1, Math.min(count, 4, Math.floor((width - 60) / (label + (apart ? 190 : 235)))));
  const room = apart ? width / columns - label - 22 : (width - 72) / columns - 20;
  spec.columns = columns;
  spec.spec.width = Math.max(120, Math.min(Math.floor(room), 620));
  if (typeof spec.spec.height === "number") spec.spec.height = columns === 1 && width > 600 ? 340 : 190;
  return spec;
}

async function draw(figure) {
  const place = figure.querySelector(".chart");
  const name = chosenChart(figure);
  const chart = page.charts[name];
  for (const input of figure.querySelectorAll(".views input")) input.checked = input.value === name;
  place.setAttribute("aria-label", chart.says);
  figure.querySelector("figcaption").textContent = chart.says;
  const all = chartRows(name);
  const spec = structuredClone(chart.spec);
  const [rows, count] = panels(spec, all, figure);
  place.classList.toggle("empty", !rows.length);
  place.dataset.chart = name;
  place.dataset.marks = rows.length;
  if (!rows.length) return place.replaceChildren("Nothing to show for this choice.");
  await loadVega();
  layOut(spec, Math.max(280, Math.min(figure.clientWidth, 1280)) - 8, count);
  spec.datasets = { cells: rows.map((row) => ({ ...row })) };
  await window.vegaEmbed(place, spec, { actions: false, renderer: "svg", logLevel: 1, config: CONFIG, tooltip: { theme: isDark() ? "dark" : "light" } });
}

const stale = new Set();
let drawing = Promise.resolve();

function startCharts() {
  const figures = [...document.querySelectorAll("figure.charts")];
  const visible = new Set();
  const refresh = (figure) => {
    if (!stale.delete(figure)) return;
    drawing = drawing.then(() => draw(figure)).catch(trouble);
  };
  let known;
  const looked = new Promise((resolve) => (known = resolve));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) visible.add(entry.target), refresh(entry.target);
      else visible.delete(entry.target);
    }
    known();
  }, { rootMargin: "300px" });
  if (!figures.length) known();
  // What is out of sight is drawn when there is nothing else to do, so that a print has it.
  const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 500));
  let asked = false;
  const later = () => {
    if (asked || !stale.size) return;
    asked = true;
    idle(() => {
      asked = false;
      const [figure] = stale;
      if (figure) refresh(figure);
      drawing.then(later);
    });
  };
  const invalidate = (chosen) => {
    for (const figure of chosen) stale.add(figure), visible.has(figure) && refresh(figure);
    drawing.then(later);
  };
  for (const figure of figures) {
    stale.add(figure);
    watcher.observe(figure);
    const group = figure.dataset.group;
    figure.addEventListener("change", (event) => {
      change({ views: { ...state.views, [group]: event.target.value }, only: figure });
    });
    figure.querySelector(".more").addEventListener("click", () => {
      const whole = new Set(state.whole);
      whole.delete(group) || whole.add(group);
      change({ whole, only: figure });
    });
  }
  listeners.push((changes) => {
    const keys = ["op", "problem", "methods", "off", "views", "whole"];
    if (keys.some((key) => key in changes)) invalidate(changes.only ? [changes.only] : figures);
  });
  let width = innerWidth;
  addEventListener("resize", () => innerWidth !== width && ((width = innerWidth), invalidate(figures)));
  looked.then(() => drawing).then(later);
  // Settled when what is in sight at the start is drawn.
  return looked.then(() => drawing);
}
