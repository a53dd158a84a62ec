// Everything known of one cell: outcome, reason, end of the log, and its numbers with their meaning.
const FACTS = [
  ["operator"], ["mode"], ["execution"], ["assembly"], ["chunk"], ["dtype"], ["device"], ["version"], ["judge"],
  ["time"], ["median_s", seconds], ["relative", ratio], ["ratio_to_gradient", ratio], ["growth"], ["prepare_s", seconds],
  ["first_call_s", seconds], ["break_even", (v) => (v === Infinity ? "never" : v === null ? "–" : digits(v))],
  ["rel_error", scientific], ["tolerance", scientific], ["judge_bound", scientific], ["asymmetry", scientific],
  ["peak_host_bytes", (v) => (v === null ? "–" : `${(v / 1e6).toFixed(0)} MB`)], ["launches"], ["samples"], ["agrees_with"],
];

function factRow(row, name, show) {
  const value = show ? show(row[name]) : row[name];
  if (value === "" || value === null || value === "–") return "";
  return element("tr", {}, element("th", { scope: "row" }, name.replaceAll("_", " ")), element("td", {}, String(value)),
    element("td", { className: "text soft" }, page.definitions[name]?.meaning ?? ""));
}

function describe(row) {
  const status = element("p", {}, element("span", { className: `pill ${kind(row.status)}` }, row.status), ` ${row.reason}`);
  const table = element("table", { className: "data" }, element("tbody", {}, ...FACTS.map(([name, show]) => factRow(row, name, show)).filter(Boolean)));
  const log = row.log_tail ? [element("h3", {}, "End of the worker's log"), element("pre", {}, row.log_tail)] : [];
  return [status, ...log, table];
}

function startDialog() {
  const dialog = document.getElementById("cell");
  const show = () => {
    const row = state.cell === "" ? undefined : cells[Number(state.cell)];
    if (!row) return dialog.open && dialog.close();
    document.getElementById("cell-title").textContent = `${row.backend} · ${row.method} · ${row.contest}`;
    document.getElementById("cell-body").replaceChildren(...describe(row));
    if (!dialog.open) dialog.showModal();
  };
  dialog.addEventListener("close", () => change({ cell: "" }));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-cell]");
    if (button) change({ cell: button.dataset.cell });
  });
  listeners.push((changes) => "cell" in changes && show());
}
