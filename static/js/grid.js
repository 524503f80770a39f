// A grid of form rows: Enter in the last row, or the button, adds one; Django's formset is told how many there are.
// Without this file the grid has its first rows and works.
"use strict";

function addRow(grid) {
  const total = document.querySelector(`[name="${grid.dataset.grid}-TOTAL_FORMS"]`);
  const most = Number(document.querySelector(`[name="${grid.dataset.grid}-MAX_NUM_FORMS"]`).value);
  if (Number(total.value) >= most) return;
  const empty = grid.querySelector("[data-grid-empty]");
  const row = empty.content.firstElementChild.cloneNode(true);
  for (const field of row.querySelectorAll("[name]")) {
    field.name = field.name.replace("__prefix__", total.value);
    field.id = field.id.replace("__prefix__", total.value);
  }
  total.value = Number(total.value) + 1;
  row.querySelector("[data-grid-number]").textContent = total.value;
  grid.querySelector("[data-grid-rows]").append(row);
  row.querySelector("input").focus();
}

for (const grid of document.querySelectorAll("[data-grid]")) {
  const button = grid.querySelector("[data-grid-add]");
  button.hidden = false;
  button.addEventListener("click", () => addRow(grid));
  grid.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("input")) return;
    event.preventDefault();
    const rows = [...grid.querySelectorAll("[data-grid-row]")];
    const here = rows.indexOf(event.target.closest("[data-grid-row]"));
    if (here === rows.length - 1) addRow(grid);
    else rows[here + 1].querySelector("input").focus();
  });
}
