// Numbers for people, as results/units.py writes them; elements from text, never from HTML.
const STEPS = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];

function digits(value) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1e6) return value.toExponential(2);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}

function seconds(value) {
  if (value === null) return "–";
  const [size, unit] = STEPS.find(([step]) => Math.abs(value) >= step) ?? STEPS.at(-1);
  return `${digits(value / size)} ${unit}`;
}

const ratio = (value) => (value === null ? "–" : `${digits(value)}×`);
const scientific = (value) => (value === null ? "–" : value === 0 ? "0" : value.toExponential(0));
const kind = (status) => (status === "ok" ? "ok" : status === "wrong" ? "bad" : "mild");

const escapeText = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "scope") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}
