// What all pages share: toasts, dialogs, keyboard, the safe sending of forms, moments that stay current.
// No inline code anywhere; behaviour hangs on data attributes. Pages work without this file, only less smoothly.
"use strict";

const words = document.getElementById("ui-words").dataset;
const language = document.documentElement.lang;

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

function csrfToken() {
  const name = document.querySelector("meta[name=csrf-cookie]").content;
  return cookie(name) || document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
}

// Toasts

function icon(name) {
  const base = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${base}#${name}`);
  svg.append(use);
  return svg;
}

function toast(text, tone = "info") {
  const box = document.createElement("div");
  box.className = `toast toast--${tone}`;
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  if (tone !== "bad") box.dataset.dismiss = "6";
  const line = document.createElement("p");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast__close";
  close.dataset.close = "";
  close.setAttribute("aria-label", words.close);
  close.append(icon("x"));
  box.append(icon({ good: "circle-check", bad: "alert-circle", warn: "alert-triangle" }[tone] || "info-circle"), line, close);
  document.getElementById("toasts")?.append(box);
  dismissLater(box);
}

function dismissLater(box) {
  if (!box.dataset.dismiss || box.dataset.timed) return;
  box.dataset.timed = "1";
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : box.remove());
  setTimeout(leave, Number(box.dataset.dismiss) * 1000);
}

// Words with commas between: what a field suggests goes on after the last comma

document.addEventListener("input", (event) => {
  const field = event.target.closest("input[data-words]");
  if (!field?.list) return;
  const before = field.value.match(/^(.*[,，;；]\s*)?/)[0];
  for (const option of field.list.options) {
    option.dataset.word ??= option.value;
    option.value = before + option.dataset.word;
  }
});

// Dialogs

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

function ask(question, label) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "sheet sheet--ask";
    dialog.setAttribute("aria-label", words.sure);
    const line = document.createElement("p");
    line.textContent = question;
    const row = document.createElement("div");
    row.className = "sheet__actions";
    const no = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words.cancel });
    const yes = Object.assign(document.createElement("button"), { type: "button", className: "button button--primary", textContent: label || words.confirm });
    row.append(no, yes);
    dialog.append(line, row);
    document.body.append(dialog);
    const done = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    no.addEventListener("click", () => done(false));
    yes.addEventListener("click", () => done(true));
    dialog.addEventListener("cancel", () => done(false));
    dialog.showModal();
    yes.focus();
  });
}

// A link to another app (a call) opens the sheet that is wanted on return: it lies ready when people come back.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-then]");
  if (link) window.htmx.ajax("GET", link.dataset.then, { target: "#sheet-body", swap: "innerHTML" });
});

// Below an open menu nothing can be hit by half: the table it covers rests until it is closed.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details.menu")) return;
  const open = [...document.querySelectorAll("details.menu[open]")];
  for (const table of document.querySelectorAll(".table-wrap")) table.inert = open.some((menu) => !table.contains(menu));
}, true);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener?.dataset.open === "keys") listKeys();
  if (opener?.dataset.open) return openDialog(opener.dataset.open);
  const closer = event.target.closest("[data-close]");
  if (closer) return (closer.closest("dialog")?.close(), closer.closest(".toast")?.remove());
  if (event.target instanceof HTMLDialogElement && event.target.classList.contains("sheet")) return event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  followRow(event);
});

// A click anywhere in a row is a click on the link in its first cell.
function followRow(event) {
  const row = event.target.closest(".table tbody tr");
  if (!row || event.target.closest("a, button, input, select, textarea, label, summary")) return;
  const link = row.querySelector("th a[href], td a[href]");
  if (!link || row.closest("[data-plain]") || String(window.getSelection())) return;
  if (event.metaKey || event.ctrlKey) window.open(link.href);
  else link.click();
}

// Forms: asked once when it matters, sent once, never lost silently

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.confirm && !form.dataset.confirmed) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (await ask(form.dataset.confirm, button?.textContent.trim())) {
      form.dataset.confirmed = "1";
      form.requestSubmit(button);
    }
    return;
  }
  delete form.dataset.confirmed;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (document.getElementById("offline")?.hidden === false) {
    event.preventDefault();
    return toast(words.offline, "bad");
  }
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 15000);
}, true);

function release(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

// Filter bars submit themselves; the search waits for Enter.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.type !== "search") form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-autosubmit]")) return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

// Theme and language change at once; the server remembers them.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-form] button");
  if (!button) return;
  event.preventDefault();
  const root = document.documentElement;
  if (button.value === "device") delete root.dataset.theme;
  else root.dataset.theme = button.value;
  for (const other of button.parentElement.children) other.toggleAttribute("aria-pressed", false);
  button.setAttribute("aria-pressed", "true");
  const form = button.form;
  const body = new FormData(form);
  body.set("theme", button.value);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

// Keyboard

let jumping = 0;

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) return event.target.form.requestSubmit();
  if (event.key === "Escape") leave(event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const sinceJump = Date.now() - jumping;
  jumping = 0;
  if (sinceJump < 1200) {
    const place = document.querySelector(`[data-jump="${CSS.escape(event.key)}"]`);
    if (place) { event.preventDefault(); place.click(); }
    return;
  }
  const deed = {
    g: () => { jumping = Date.now(); },
    "/": () => { const box = document.querySelector("[data-search]"); if (!box) return document.dispatchEvent(new Event("palette")); box.focus(); box.select?.(); },
    "?": () => { listKeys(); openDialog("keys"); },
    j: () => walk(1),
    k: () => walk(-1),
  }[event.key];
  const own = !deed && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!deed && !own) return;
  event.preventDefault();
  if (deed) deed(); else own.click();
});

// The map of keys also tells those of this page: whatever carries data-key, by its name.
function listKeys() {
  const box = document.getElementById("keys-page");
  const rows = [...document.querySelectorAll("main [data-key], .page-head [data-key]")].map((own) => {
    const key = document.createElement("dt");
    key.append(Object.assign(document.createElement("kbd"), { textContent: own.dataset.key }));
    return [key, Object.assign(document.createElement("dd"), { textContent: own.getAttribute("aria-label") || own.textContent.trim() })];
  });
  box.replaceChildren(...rows.flat());
  box.previousElementSibling.hidden = rows.length + box.nextElementSibling.childElementCount === 0;
}

function leave(target) {
  if (typing(target)) target.blur();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

function walk(step) {
  const links = [...document.querySelectorAll(".table tbody tr, .rows > li")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  const here = links.findIndex((link) => link.closest("tr, li").contains(document.activeElement));
  links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
}

// In the back office's dense tables the pointer has the whole row, and the keyboard one stop: Tab enters and leaves a
// table, arrows walk in it, as in a spreadsheet. Tables with fields to fill keep a stop for each.

const STOPS = "a[href], button, input[type=checkbox], summary";
const FIELDS = "input:not([type=checkbox], [type=hidden]), select, textarea";

function stopsIn(place) {
  return [...place.querySelectorAll(STOPS)];
}

function oneStop(table, wanted) {
  const rows = [...table.tBodies, table.tFoot].filter(Boolean);
  const stops = rows.flatMap(stopsIn);
  const plain = rows.some((part) => part.querySelector(FIELDS));
  const here = wanted || stops.find((stop) => stop.tabIndex === 0 && stop.dataset.stop) || stops[0];
  for (const stop of stops) {
    stop.tabIndex = plain || stop === here ? 0 : -1;
    if (stop === here) stop.dataset.stop = "1";
    else delete stop.dataset.stop;
  }
}

function walkTable(event) {
  const row = event.target.closest(".table tr");
  if (!row || typing(event.target) && event.target.type !== "checkbox" || event.target.closest("[data-listing], [data-plain]")) return;
  const rows = [...row.closest("table").querySelectorAll(":is(tbody, tfoot) tr")].filter((one) => stopsIn(one).length);
  const at = stopsIn(row).indexOf(event.target);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = step ? rows[rows.indexOf(row) + step] : row;
  const place = { ArrowRight: at + 1, ArrowLeft: Math.max(0, at - 1) }[event.key] ?? Math.min(at, next ? stopsIn(next).length - 1 : 0);
  if (!next || at < 0) return;
  event.preventDefault();
  stopsIn(next)[place]?.focus();
}

function oneStopEach(root) {
  for (const table of root.querySelectorAll?.(".table:not([data-plain])") || []) oneStop(table);
}

if (document.documentElement.dataset.side === "erp") {
  oneStopEach(document);
  document.body.addEventListener("htmx:afterSettle", () => oneStopEach(document));
  document.addEventListener("focusin", (event) => {
    const table = event.target.matches?.(STOPS) && event.target.closest(".table:not([data-plain]) :is(tbody, tfoot)")?.closest("table");
    if (table) oneStop(table, event.target);
  });
}

document.addEventListener("keydown", (event) => {
  if (/^Arrow/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) walkTable(event);
});

// Moments

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

function refreshMoments() {
  for (const time of document.querySelectorAll("time[data-when]")) {
    const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
    const far = Math.abs(seconds);
    if (far < 45 || far > 129600) continue;
    const [unit, per] = far < 3600 ? ["minute", 60] : ["hour", 3600];
    const text = relative.format(Math.round(seconds / per), unit);
    if (time.textContent !== text && time.dataset.started) time.textContent = text;
    time.dataset.started = "1";
  }
}

setInterval(refreshMoments, 30000);

// A quiet line while the server is out of reach; a browser that says "offline" may still have one on its own machine.

async function showConnection() {
  const line = document.getElementById("offline");
  if (line) line.hidden = navigator.onLine || await fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);
}

window.addEventListener("online", showConnection);
window.addEventListener("offline", showConnection);
showConnection();

// htmx

document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});

// A page nobody looks at asks for nothing; looked at again, its live parts catch up at once.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-live]")) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const part of document.querySelectorAll("[data-live]")) window.htmx.trigger(part, "seen");
});

// The live part of a page (base/live.py) names what it shows, and is swapped when there is something else to show: never
// under the hands of who works in it, and with what was scrolled and focused in it where it was.
document.body.addEventListener("htmx:configRequest", (event) => {
  const { elt, headers } = event.detail;
  if (!elt.matches("[data-mark]")) return;
  headers["X-Live"] = elt.dataset.mark;
  event.detail.path = window.location.pathname + window.location.search;
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-mark]") && isInUse(event.detail.elt)) event.preventDefault();
});

document.body.addEventListener("htmx:afterSwap", () => {
  const again = held;
  held = null;
  again?.();
});

let held = null;
const SCROLLED = ".table-wrap, pre";
const FOCUSED = "a[href], button, input, select, textarea, summary, [tabindex]";

function isInUse(part) {
  if (document.querySelector("dialog[open], details.menu[open]") || part.querySelector("form[data-sending], [aria-expanded=true]")) return true;
  const chosen = window.getSelection();
  if (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode)) return true;
  if (part.contains(document.activeElement) && typing(document.activeElement)) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), select, textarea")].some(isEdited);
}

function isEdited(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.defaultSelected) && [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function hold(part) {
  const scrolled = [...part.querySelectorAll(SCROLLED)].map((box) => [box.scrollLeft, box.scrollTop]);
  const [left, top] = [window.scrollX, window.scrollY];
  const alike = (root, name) => [...root.querySelectorAll(FOCUSED)].filter((one) => nameOf(one) === name);
  const focused = part.contains(document.activeElement) && nameOf(document.activeElement);
  const place = focused ? alike(part, focused).indexOf(document.activeElement) : -1;
  return () => {
    const now = document.getElementById(part.id);
    if (!now) return;
    [...now.querySelectorAll(SCROLLED)].forEach((box, number) => scrolled[number] && ([box.scrollLeft, box.scrollTop] = scrolled[number]));
    window.scrollTo(left, top);
    if (place >= 0) (alike(now, focused)[place] || alike(now, focused)[0])?.focus({ preventScroll: true });
  };
}

function nameOf(one) {
  return [one.tagName, one.id, one.getAttribute("href"), one.name, one.value, one.getAttribute("aria-label")].join(" ");
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (new URL(xhr.responseURL || window.location.href).pathname === "/login/" && window.location.pathname !== "/login/") {
    event.detail.shouldSwap = false;
    if (!event.detail.elt.matches("[data-live]")) toast(words.signedOut, "bad");
    return;
  }
  if (xhr.status < 400 || xhr.status === 422 || xhr.getResponseHeader("HX-Retarget")) return;
  event.detail.shouldSwap = false;
  if (event.detail.requestConfig.verb === "get" && event.detail.elt.matches("[hx-trigger*='every']")) return;
  toast({ 401: words.signedOut, 403: words.forbidden, 404: words.gone }[xhr.status] || words.failed, "bad");
});

// After the one above, which says what is not to be swapped at all.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.requestConfig.elt;
  if (!part?.matches("[data-mark]") || !event.detail.shouldSwap) return;
  if (isInUse(part)) event.detail.shouldSwap = false;
  else held = hold(part);
});

document.body.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("[hx-trigger*='every']")) toast(words.offline, "bad");
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "sheet-body") openDialog("sheet");
  document.querySelectorAll(".toast").forEach(dismissLater);
});

document.body.addEventListener("close-sheet", () => document.querySelectorAll("dialog.sheet[open]").forEach((dialog) => dialog.close()));

document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));

document.querySelectorAll(".toast").forEach(dismissLater);

window.ui = { toast, ask, csrfToken, openDialog, icon };
