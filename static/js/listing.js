// Lists: ticking rows (also a range, also all that match), what is done with them, cells changed in place, the keyboard.
"use strict";

const rowsOf = () => [...document.querySelectorAll("#listing tbody tr[data-pk]")];
const ticks = () => [...document.querySelectorAll("#listing input[data-tick]")];
const listing = () => document.getElementById("listing");
let lastTicked = null;

// Columns are put in order by dragging, or with the buttons beside them.

function reorderable(root) {
  for (const list of root.querySelectorAll("ul[data-reorder]")) {
    if (window.Sortable && !list.dataset.sorts) window.Sortable.create(list, { draggable: "li:not(:first-child)", animation: 100 });
    list.dataset.sorts = "1";
  }
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (!mover || !mover.closest("[data-reorder]")) return;
  const item = mover.closest("li");
  const other = mover.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
  if (!other || other === item.parentElement.firstElementChild) return;
  if (mover.dataset.move === "1") other.after(item); else other.before(item);
  mover.focus();
});

document.body.addEventListener("htmx:afterSwap", (event) => reorderable(event.detail.target));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches("form[data-close-after]")) event.target.closest("dialog")?.close();
});
