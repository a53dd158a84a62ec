// What charts and heat map show; the frameworks' buttons are the legend of all of them.
function startToolbar() {
  const form = document.getElementById("toolbar");
  const show = () => {
    for (const name of ["op", "problem", "methods"]) form.elements[name].value = state[name];
    for (const chip of form.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(!state.off.has(chip.dataset.framework)));
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => change({ [event.target.name]: event.target.value }));
  for (const chip of form.querySelectorAll(".chip"))
    chip.addEventListener("click", () => {
      const off = new Set(state.off);
      off.delete(chip.dataset.framework) || off.add(chip.dataset.framework);
      change({ off });
    });
  listeners.push(show);
  show();
}
