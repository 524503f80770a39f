// Ctrl-K: one box that jumps to places, begins deeds, presses the page's buttons and finds records.
// The list is a listbox that the box owns: arrows move the choice, Enter follows it, Escape closes.
"use strict";

// A block of its own: scripts of one page share one scope.
{
const palette = document.getElementById("palette");
const box = palette.querySelector("input");
const list = document.getElementById("palette-list");
const found = palette.querySelector("[data-found]");
let asked = null;
let waiting = 0;
let numbered = 0;

function options() {
  return [...list.querySelectorAll("[role=option]")].filter((option) => !option.hidden && !option.closest("[hidden]"));
}

function choose(option) {
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  box.removeAttribute("aria-activedescendant");
  if (!option) return;
  option.id ||= `palette-option-${numbered += 1}`;
  option.setAttribute("aria-selected", "true");
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

// How well the letters fit, in order but not together: 0 for not at all; whole words and word starts count more.
function fit(label, words) {
  const text = label.toLocaleLowerCase();
  const asked = words.toLocaleLowerCase();
  const at = text.indexOf(asked);
  if (at >= 0) return 100 - at + (at === 0 || text[at - 1] === " " ? 100 : 0);
  let place = -1;
  let points = 1;
  for (const letter of asked.replaceAll(" ", "")) {
    const next = text.indexOf(letter, place + 1);
    if (next < 0) return 0;
    if (next === 0 || text[next - 1] === " ") points += 8;
    else if (next === place + 1) points += 4;
    place = next;
  }
  return points;
}

function narrow(words) {
  for (const group of list.querySelectorAll("[data-group]")) {
    const choices = [...group.querySelectorAll("[role=option]")];
    choices.forEach((choice, index) => { choice.dataset.place ??= index; choice.dataset.fit = words ? fit(choice.querySelector("span").textContent, words) : 1; });
    choices.forEach((choice) => { choice.hidden = Number(choice.dataset.fit) === 0; });
    choices.sort((a, b) => (words ? b.dataset.fit - a.dataset.fit : 0) || a.dataset.place - b.dataset.place);
    group.append(...choices);
    group.hidden = choices.every((choice) => choice.hidden);
  }
}

function shown() {
  const there = options();
  choose(there[0]);
  palette.querySelector("[data-nothing]").hidden = there.length > 0;
  const said = palette.querySelector("[data-said]");
  said.textContent = `${said.dataset.words} ${there.length}`;
}

async function find(words) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  try {
    const answer = await fetch(`${box.dataset.hits}?q=${encodeURIComponent(words)}`, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const { groups } = await answer.json();
    if (signal.aborted) return;
    found.replaceChildren(...groups.map(groupOf));
    shown();
  } catch (error) {
    if (error.name !== "AbortError") found.replaceChildren();
  }
}

function groupOf({ key, label, icon, hits }) {
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  const head = Object.assign(document.createElement("p"), { className: "palette__head", textContent: label });
  head.setAttribute("aria-hidden", "true");
  group.dataset.kind = key;
  group.append(head, ...hits.map((hit) => optionOf(icon, hit.title, hit.note, hit.url)));
  return group;
}

function optionOf(icon, title, note, url) {
  const option = document.createElement("a");
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.tabIndex = -1;
  option.href = url;
  const words = Object.assign(document.createElement("span"), { textContent: title });
  option.append(window.ui.icon(icon), words);
  if (note) option.append(Object.assign(document.createElement("small"), { textContent: note }));
  return option;
}

// The buttons of this page's head, as deeds: a link is followed, a button is pressed (and asks, if it must).
function gather() {
  const group = list.querySelector("[data-group=page]");
  group.querySelectorAll("[role=option]").forEach((option) => option.remove());
  for (const button of document.querySelectorAll(".page-head__actions :is(a.button[href], button.button, form.act button)")) {
    const name = button.getAttribute("aria-label") || button.textContent.trim();
    if (!name || !button.checkVisibility?.()) continue;
    const icon = button.querySelector("use")?.getAttribute("href").split("#")[1] || "bolt";
    const option = optionOf(icon, name, "", button.href || "#");
    if (!button.href) option.addEventListener("click", (event) => { event.preventDefault(); palette.close(); button.click(); });
    group.append(option);
  }
}

function open() {
  if (palette.open) return palette.close();
  gather();
  box.value = "";
  found.replaceChildren();
  narrow("");
  window.ui.openDialog("palette");
  box.focus();
  shown();
}

palette.addEventListener("close", () => { asked?.abort(); clearTimeout(waiting); });

box.addEventListener("input", () => {
  const words = box.value.trim();
  narrow(words);
  found.replaceChildren();
  shown();
  clearTimeout(waiting);
  asked?.abort();
  if (words.length > 1 || words > "\u2e80") waiting = setTimeout(() => find(words), 160);
});

box.addEventListener("keydown", (event) => {
  const there = options();
  const at = there.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && there.length) {
    event.preventDefault();
    choose(there[(at + step + there.length) % there.length]);
  } else if (event.key === "Enter" && at >= 0 && !event.isComposing) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) window.open(there[at].href);
    else there[at].click();
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  open();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  if (!palette.open && document.querySelector("dialog[open]")) return;
  event.preventDefault();
  open();
});

document.addEventListener("palette", open);
}
