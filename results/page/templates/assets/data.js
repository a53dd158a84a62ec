// What results/page/pack.py packed: base64 of gzip of text, and of columns.
async function unpack(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (c) => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function unpackRows(id) {
  const columns = JSON.parse(await unpack(id));
  const names = Object.keys(columns);
  const values = names.map((name) => {
    const column = columns[name];
    return Array.isArray(column) ? column.map((v) => (v === "inf" ? Infinity : v)) : column.at.map((i) => column.texts[i]);
  });
  return (values[0] ?? []).map((_, row) => Object.fromEntries(names.map((name, i) => [name, values[i][row]])));
}

async function library(id) {
  const address = URL.createObjectURL(new Blob([await unpack(id)], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const once = (make) => {
  let made;
  return () => (made ??= make());
};
const page = JSON.parse(document.getElementById("page-data").textContent);
const loadVega = once(() => library("vega-module"));
const loadRecords = once(() => unpackRows("records-data"));

// A spreadsheet would run text that begins like a formula.
const harmless = (text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

function csv(rows) {
  const names = Object.keys(rows[0] ?? {});
  const field = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value !== "string") return String(value);
    const safe = harmless(value);
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [names.join(","), ...rows.map((row) => names.map((name) => field(row[name])).join(","))].join("\n") + "\n";
}

function download(name, type, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
