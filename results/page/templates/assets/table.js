// The whole table: DataTables from itables' bundle, a filter under every heading, everything kept in the address.
const COLUMNS = [
  ["contest", "problem"], ["operator", "operator"], ["backend", "framework"], ["method", "method"], ["status", "outcome"],
  ["min_s", "time (s)", "g"], ["low_s", "low (s)", "g"], ["high_s", "high (s)", "g"], ["relative", "× best", "g"],
  ["ratio_to_gradient", "× gradient", "g"], ["growth", "grows as"], ["rel_error", "rel. error", "e"], ["prepare_s", "prepare (s)", "g"],
  ["first_call_s", "first call (s)", "g"], ["break_even", "pays from (calls)", "g"], ["peak_host_bytes", "peak memory (B)", "d"],
  ["mode", "mode"], ["execution", "execution"], ["dtype", "dtype"], ["device", "device"], ["judge", "judge"], ["reason", "reason"],
];

function shown(value, format) {
  if (value === null || value === "") return "";
  if (value === Infinity) return "never";
  if (format === "e") return value === 0 ? "0" : value.toExponential(1);
  if (format === "d") return String(value);
  return format ? (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)))) : String(value);
}

const COMPARE = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "=": (a, b) => a === b };

function passes(value, filter) {
  const [, sign, number] = /^(<=|>=|<|>|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(filter.trim()) ?? [];
  if (sign) return typeof value === "number" && COMPARE[sign](value, Number(number));
  return String(value ?? "").toLowerCase().includes(filter.trim().toLowerCase());
}

const accepts = (row) =>
  Object.entries(state.filters).every(([column, filter]) => !filter || passes(row[column], filter)) &&
  (!state.q || COLUMNS.some(([column]) => passes(row[column], state.q)));

function columnOf([name, title, format]) {
  const meaning = page.definitions[name]?.meaning ?? "";
  // DataTables takes what it displays for HTML, so it gets escaped text.
  const render = (value, type) => (type === "display" ? escapeText(shown(value, format)) : value === null ? Infinity : value);
  return {
    title, data: name, render, className: format ? "number" : name === "reason" ? "reason" : "", name,
    createdCell: (cell, value, row) => {
      if (name === "backend") cell.prepend(frameworkMark(value), " ");
      if (name === "reason") cell.title = value;
      if (name === "status")
        cell.replaceChildren(element("button", { type: "button", className: `pill ${kind(value)}`, "data-cell": row.index, title: "Everything known of this cell" }, value));
    },
    meaning,
  };
}

function header() {
  const titles = element("tr", {}, ...COLUMNS.map(([name, title]) => element("th", { scope: "col", title: page.definitions[name]?.meaning ?? "" }, title)));
  const filters = element("tr", {}, ...COLUMNS.map(([name, title]) =>
    element("td", {}, element("input", { type: "search", "data-filter": name, "aria-label": `filter ${title}`, placeholder: "filter", value: state.filters[name] ?? "" }))));
  return element("thead", {}, titles, filters);
}

async function drawTable() {
  const place = document.getElementById("table-place");
  const { default: DataTable } = await library("datatables-module");
  document.head.append(element("style", {}, await unpack("datatables-style")));
  const search = element("input", { type: "search", value: state.q, placeholder: "search all columns", "aria-label": "search all columns", id: "table-search" });
  const table = element("table", { className: "display compact", id: "cells-table" }, header());
  place.replaceChildren(search, table);
  const sorted = state.sort.split(":");
  const at = COLUMNS.findIndex(([name]) => name === sorted[0]);
  const view = new DataTable(table, {
    data: cells.filter(accepts), columns: COLUMNS.map(columnOf), deferRender: true, pageLength: 25, lengthMenu: [10, 25, 100, 1000],
    order: at >= 0 ? [[at, sorted[1] === "desc" ? "desc" : "asc"]] : [], titleRow: 0, orderCellsTop: true, searching: false, autoWidth: false,
    layout: { topStart: null, topEnd: null, bottomStart: ["info", "pageLength"], bottomEnd: "paging" },
  });
  let own = false;
  view.on("order.dt", () => {
    const [[column, direction] = []] = view.order();
    if (!own) change({ sort: direction ? `${COLUMNS[column][0]}:${direction}` : "", section: "table" });
  });
  const refill = () => ((own = true), view.clear().rows.add(cells.filter(accepts)).draw(), (own = false));
  const inputs = [...table.querySelectorAll("[data-filter]")];
  const take = () => {
    const filters = Object.fromEntries(inputs.map((input) => [input.dataset.filter, input.value]));
    change({ q: search.value, filters, section: "table", typed: true });
  };
  let timer;
  for (const input of [search, ...inputs])
    input.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(take, 150))));
  listeners.push((changes) => {
    if (!("filters" in changes || "q" in changes)) return;
    if (!changes.typed) {
      search.value = state.q;
      for (const input of inputs) input.value = state.filters[input.dataset.filter] ?? "";
    }
    refill();
  });
  startDownloads();
}

function startDownloads() {
  document.querySelector(".downloads").hidden = false;
  const without = ({ index, ...row }) => row;
  const makers = {
    cells: async () => download(`${page.run}-cells.csv`, "text/csv", csv(cells.filter(accepts).map(without))),
    csv: async () => download(`${page.run}.csv`, "text/csv", csv(await loadRecords())),
    json: async () => download(`${page.run}.json`, "application/json", JSON.stringify(await loadRecords(), null, 1)),
  };
  for (const button of document.querySelectorAll("[data-download]"))
    button.addEventListener("click", () => makers[button.dataset.download]().catch(trouble));
}
