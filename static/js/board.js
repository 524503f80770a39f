// A board's cards move by drag (SortableJS), by the card's menu, and by [ and ] on a focused card.
// The move is posted to the card's own address; what the server refuses springs back and says why.
"use strict";

function started(board) {
  for (const column of board.querySelectorAll("[data-column]")) {
    window.Sortable.create(column, {
      group: board.id,
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      delay: 180,
      delayOnTouchOnly: true,
      draggable: "[data-card]",
      filter: "summary, button",
      preventOnFilter: false,
      ghostClass: "board__card--ghost",
      onEnd: ({ item, from, to, oldDraggableIndex }) => {
        if (from !== to) move(board, item, to, () => from.insertBefore(item, from.children[oldDraggableIndex] || null));
      },
    });
  }
}

async function move(board, card, column, undo) {
  const body = new FormData();
  body.set(board.dataset.field, column.dataset.column);
  let answer;
  try {
    answer = await fetch(card.dataset.move, {
      method: "POST", body, headers: { "X-CSRFToken": window.ui.csrfToken(), "HX-Request": "true", Accept: "application/json" },
    });
  } catch {
    answer = null;
  }
  if (!answer?.ok) {
    undo();
    const problem = await answer?.json().catch(() => null);
    window.ui.toast(problem?.detail || document.getElementById("ui-words").dataset.failed, "bad");
    return;
  }
  count(board);
  window.htmx.trigger(board, "moved");
}

function count(board) {
  for (const column of board.querySelectorAll(".board__column")) {
    column.querySelector("[data-count]").textContent = column.querySelectorAll("[data-card]").length;
  }
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || !"[]".includes(event.key)) return;
  const board = card.closest("[data-board]");
  const columns = [...board.querySelectorAll("[data-column]")];
  const from = card.parentElement;
  const to = columns[columns.indexOf(from) + (event.key === "]" ? 1 : -1)];
  if (!to) return;
  event.preventDefault();
  const next = card.nextSibling;
  to.prepend(card);
  event.target.focus();
  move(board, card, to, () => from.insertBefore(card, next));
});

document.querySelectorAll("[data-board]").forEach(started);
document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.matches?.("[data-board]")) started(event.detail.elt);
});
