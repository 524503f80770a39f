// Lists: ticking rows (also a range, also all that match), cells changed in place, groups, columns, the keyboard.
"use strict";

const rowsShown = () => [...document.querySelectorAll("#listing tbody tr[data-pk]")];
const ticks = () => [...document.querySelectorAll("#listing input[data-tick]")];
let lastTicked = null;

// Ticks

function showSelection() {
  const form = document.getElementById("listing-bulk");
  if (!form) return;
  const all = ticks();
  const ticked = all.filter((tick) => tick.checked);
  const everything = form.elements.all.value === "1";
  for (const tick of all) tick.closest("tr, li")?.classList.toggle("is-ticked", tick.checked);
  const head = document.querySelector("#listing input[data-tick-all]");
  if (head) {
    head.checked = ticked.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  const words = form.querySelector(".selection__count");
  form.hidden = ticked.length === 0;
  words.textContent = everything ? words.dataset.wordsAll : words.dataset.words.replace("{n}", ticked.length);
  const more = form.querySelector("[data-select-all]");
  if (more) more.hidden = everything || ticked.length < all.length;
}

function tickAll(on) {
  for (const tick of ticks()) tick.checked = on;
  const form = document.getElementById("listing-bulk");
  if (form) form.elements.all.value = "";
  showSelection();
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest("input[data-tick]");
  if (tick) {
    const all = ticks();
    if (event.shiftKey && lastTicked && all.includes(lastTicked)) {
      const [from, to] = [all.indexOf(lastTicked), all.indexOf(tick)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = tick.checked;
    }
    lastTicked = tick;
    document.getElementById("listing-bulk").elements.all.value = "";
    showSelection();
  } else if (event.target.closest("input[data-tick-all]")) {
    tickAll(event.target.checked);
  } else if (event.target.closest("[data-select-none]")) {
    tickAll(false);
  } else if (event.target.closest("[data-select-all]")) {
    document.getElementById("listing-bulk").elements.all.value = "1";
    showSelection();
  } else if (event.target.closest("[data-forget]")) {
    event.target.closest(".outcome").remove();
  }
});

// Order: a second click on a head that is still being answered turns the order round as soon as the answer is there.

let sorting = null;
let again = "";

document.addEventListener("click", (event) => {
  const head = event.target.closest("#listing a.sort");
  if (!head || !sorting || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (head.closest("th").dataset.col !== sorting.closest("th")?.dataset.col) return;
  event.preventDefault();
  event.stopPropagation();
  again = head.closest("th").dataset.col;
}, true);

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches?.("#listing a.sort")) sorting = event.detail.elt;
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!sorting || event.detail.requestConfig?.elt !== sorting) return;  // the old head is gone: `elt` is its parent
  const column = event.detail.successful ? again : "";
  sorting = null;
  again = "";
  if (column) document.querySelector(`#listing th[data-col="${CSS.escape(column)}"] a.sort`)?.click();
});

// Cells

const kept = new WeakMap();

function openCell(button) {
  const cell = button.closest("td");
  const row = button.closest("tr");
  const base = document.getElementById("listing").dataset.lists;
  kept.set(cell, cell.innerHTML);
  window.htmx.ajax("GET", `${base}rows/${row.dataset.pk}/${button.dataset.edit}/`, { target: cell, swap: "innerHTML" });
}

// What was typed is given up; a browser says that the field was left while it is taken away, and that must not save it.
function closeCell(form, focus = true) {
  const cell = form.closest("td");
  if (!kept.has(cell)) return;
  form.dataset.closed = "1";
  cell.innerHTML = kept.get(cell);
  if (focus) cell.querySelector("[data-edit]")?.focus();
}

const typed = (form) => form.elements.value.type === "checkbox" ? String(form.elements.value.checked) : form.elements.value.value;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-edit]");
  if (button) openCell(button);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(".cell-form");
  if (!form) return;
  if (event.key === "Escape") { event.stopPropagation(); closeCell(form); }
  if (event.key === "Enter" && event.target.tagName !== "TEXTAREA") { event.preventDefault(); form.dataset.refocus = "1"; form.requestSubmit(); }
}, true);

// Leaving a cell saves it, if something was typed.
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(".cell-form");
  if (!form || form.dataset.closed || form.contains(event.relatedTarget) || form.classList.contains("htmx-request")) return;
  if (typed(form) === form.dataset.before) closeCell(form, false);
  else form.requestSubmit();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  // The new links work at once, not after htmx has settled: within those 20 ms a click would load the page anew.
  if (target.id === "listing") window.htmx.process(document.getElementById("listing"));
  const form = target.querySelector?.(".cell-form");
  if (form) {
    form.dataset.before = form.querySelector(".cell-form__error") ? "\u0000" : typed(form);
    window.htmx.process(form);  // now, not after htmx has settled: quick hands press Enter within those 20 ms
    form.elements.value.focus();
    form.elements.value.select?.();
  } else if (target.matches?.("td.cell") && event.detail.requestConfig.elt.dataset?.refocus) {
    target.querySelector("[data-edit]")?.focus();
  }
  reorderable(target);
  showSelection();
});

document.body.addEventListener("row-saved", (event) => {
  const row = document.querySelector(`#listing tr[data-pk="${CSS.escape(event.detail.pk)}"]`);
  if (row) row.dataset.version = event.detail.version;
});

// The version is the one that was shown with the row, not the one that the server has by now.
document.body.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.(".cell-form") || form.querySelector(".cell-form__error")) return;
  event.detail.parameters.set?.("version", form.closest("tr").dataset.version);
  if (!event.detail.parameters.set) event.detail.parameters.version = form.closest("tr").dataset.version;
});

// Groups

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-group-url]");
  const more = event.target.closest("[data-more-url]");
  if (!opener && !more) return;
  event.preventDefault();
  const place = (opener || more).closest("tbody");
  if (opener?.getAttribute("aria-expanded") === "true") {
    for (const row of [...place.rows].slice(1)) row.remove();
    return opener.setAttribute("aria-expanded", "false");
  }
  const currency = document.getElementById("listing").dataset.currency || "";
  const answer = await fetch(`${(opener || more).dataset.groupUrl || more.dataset.moreUrl}&currency=${currency}`);
  if (!answer.ok) return window.ui.toast(document.getElementById("ui-words").dataset.failed, "bad");
  const rows = document.createElement("tbody");
  rows.innerHTML = await answer.text();
  const added = [...rows.rows];
  if (more) more.closest("tr").replaceWith(...added);
  else place.append(...added);
  opener?.setAttribute("aria-expanded", "true");
  for (const row of added) window.htmx.process(row);
});

// Columns are put in order by dragging, or with the buttons beside them.

function reorderable(root) {
  for (const list of root.querySelectorAll?.("ul[data-reorder]") || []) {
    if (window.Sortable && !list.dataset.sorts) window.Sortable.create(list, { draggable: "li:not(:first-child)", animation: 100 });
    list.dataset.sorts = "1";
  }
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-reorder] [data-move]");
  if (!mover) return;
  const item = mover.closest("li");
  const other = mover.dataset.move === "1" ? item.nextElementSibling : item.previousElementSibling;
  if (!other || other === item.parentElement.firstElementChild) return;
  if (mover.dataset.move === "1") other.after(item); else other.before(item);
  mover.focus();
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.matches("form[data-close-after]")) event.target.closest("dialog")?.close();
});

// The keyboard inside the table: arrows walk rows and cells, x and Space tick, F2 changes. Enter opens, as links do.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = event.target;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox") return;
  const row = target.closest?.("#listing tr[data-pk]");
  if (!row) return;
  const stops = (one) => [...one.querySelectorAll("a[href], button[data-edit]")];
  const rows = rowsShown();
  const place = Math.max(0, stops(row).indexOf(target));
  const walk = (step) => {
    const next = rows[rows.indexOf(row) + step];
    if (next) stops(next)[Math.min(place, stops(next).length - 1)]?.focus();
  };
  const tick = row.querySelector("input[data-tick]");
  const deed = {
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    ArrowRight: () => stops(row)[place + 1]?.focus(),
    ArrowLeft: () => stops(row)[Math.max(0, place - 1)]?.focus(),
    Home: () => stops(row)[0]?.focus(),
    End: () => stops(row).at(-1)?.focus(),
    F2: () => (target.matches("[data-edit]") ? target : row.querySelector("[data-edit]"))?.click(),
    x: () => tick?.click(),
    " ": target.matches("a") ? () => tick?.click() : null,
  }[event.key];
  if (!deed) return;
  event.preventDefault();
  if (event.shiftKey && tick && event.key.startsWith("Arrow")) {
    tick.checked = true;
    lastTicked = tick;
  }
  deed();
  if (event.shiftKey && event.key.startsWith("Arrow")) {
    const now = document.activeElement.closest("tr")?.querySelector("input[data-tick]");
    if (now) now.checked = true;
    showSelection();
  }
});
