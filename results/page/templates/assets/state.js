// What is shown, kept in the address: #section?key=value&…, so that a view can be shared.
const initial = () => ({
  section: "", op: page.start.operator, problem: "", methods: page.start.methods, off: new Set(), views: {}, whole: new Set(),
  q: "", filters: {}, sort: "", cell: "",
});
let state = initial();
const listeners = [];

function readAddress() {
  const [section, query = ""] = location.hash.slice(1).split("?");
  const fresh = initial();
  fresh.section = decodeURIComponent(section);
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === "off") fresh.off = new Set(value.split(",").filter(Boolean));
    else if (key === "whole") fresh.whole = new Set(value.split(",").filter(Boolean));
    else if (key.startsWith("v.")) fresh.views[key.slice(2)] = value;
    else if (key.startsWith("f.")) fresh.filters[key.slice(2)] = value;
    else if (["op", "problem", "methods", "q", "sort", "cell"].includes(key)) fresh[key] = value;
  }
  return fresh;
}

function address() {
  const usual = initial();
  const query = new URLSearchParams();
  for (const key of ["op", "problem", "methods", "q", "sort", "cell"]) if (state[key] !== usual[key]) query.set(key, state[key]);
  for (const key of ["off", "whole"]) if (state[key].size) query.set(key, [...state[key]].join(","));
  for (const [group, view] of Object.entries(state.views)) query.set(`v.${group}`, view);
  for (const [column, text] of Object.entries(state.filters)) if (text) query.set(`f.${column}`, text);
  const text = query.toString();
  return `#${state.section}${text ? `?${text}` : ""}`;
}

function change(changes) {
  Object.assign(state, changes);
  history.replaceState(null, "", address() === "#" ? location.pathname + location.search : address());
  for (const listener of listeners) listener(changes);
}

function follow() {
  // A link to a section alone keeps what is shown.
  const fresh = readAddress();
  const keys = location.hash.includes("?") ? Object.keys(fresh) : ["section"];
  const changes = Object.fromEntries(keys.map((key) => [key, fresh[key]]));
  change(changes);
  if (state.section) document.getElementById(state.section)?.scrollIntoView();
}
