// Starts everything; what goes wrong is said on the page.
let cells = [];

function trouble(problem) {
  const place = document.getElementById("trouble");
  place.hidden = false;
  place.textContent = `Part of this page does not work in this browser (${problem.message ?? problem}). It needs one of 2024 or later.`;
  console.error(problem);
}

async function start() {
  startTheme();
  cells = await unpackRows("cells-data");
  cells.forEach((row, index) => (row.index = index));
  state = readAddress();
  startToolbar();
  startDialog();
  startHeat();
  const drawn = startCharts();
  addEventListener("hashchange", follow);
  const place = document.getElementById("table-place");
  const watcher = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting) watcher.disconnect(), drawTable().catch(trouble);
  }, { rootMargin: "600px" });
  watcher.observe(place);
  if (location.hash) follow();
  await drawn;
  document.documentElement.dataset.ready = "yes";
}

start().catch(trouble);
