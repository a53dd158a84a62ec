// Light or dark: the system's choice, until the button says otherwise.
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

function applyTheme() {
  document.documentElement.classList.toggle("dark", isDark()); // what DataTables looks at
}

function startTheme() {
  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    applyTheme();
  });
  system.addEventListener("change", applyTheme);
  applyTheme();
}
