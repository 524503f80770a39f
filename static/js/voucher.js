// The voucher grid: hands stay on the keyboard. Accounts, cost centres and projects by code or initials, Enter adds a line, = computes exactly,
// Ctrl-D copies down, Ctrl-Enter posts, a block from a spreadsheet pastes. Without this file the form still works.
"use strict";

const form = document.querySelector("[data-grid]");
const body = form.querySelector("[data-rows]");
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const listed = (rows) => rows.map(([code, name, initials, control]) => ({ code, name, initials, control }));
// What the cells of a column may hold, by the column's name.
const offered = new Map([["account", listed(read("grid-accounts"))]]);
for (const [kind, rows] of Object.entries(read("grid-dimensions"))) offered.set(kind, listed(rows));
const named = (kind, code) => offered.get(kind).find((one) => one.code === code);

// Exact arithmetic: fractions of whole numbers, rounded half up to cents at the very end.

const GROUPED = /^\d{1,3}(,\d{3})+(\.\d*)?$/;
const GROUPED_POINTS = /^\d{1,3}(\.\d{3})+,\d*$/;

function fraction(text) {
  let plain = text.replace(/[\s'’]/g, "");
  if (GROUPED.test(plain)) plain = plain.replaceAll(",", "");
  else if (GROUPED_POINTS.test(plain) || /^\d+,\d*$/.test(plain)) plain = plain.replaceAll(".", "").replace(",", ".");
  if (!/^(\d+\.?\d*|\.\d+)$/.test(plain)) return null;
  const [whole, rest = ""] = plain.split(".");
  return [BigInt((whole || "0") + rest), 10n ** BigInt(rest.length)];
}

const add = ([a, b], [c, d]) => [a * d + c * b, b * d];
const multiply = ([a, b], [c, d]) => [a * c, b * d];

function cents([over, under]) {
  if (under < 0n) [over, under] = [-over, -under];
  const sign = over < 0n ? -1n : 1n;
  return sign * ((sign * over * 200n + under) / (2n * under));
}

function written(amount) {
  const sign = amount < 0n ? "-" : "";
  const digits = String(amount < 0n ? -amount : amount).padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function shown(amount) {
  return written(amount).replace(/\B(?=(\d{3})+\.)/g, ",");
}

// expression = term (± term)*; term = factor (×÷ factor)*; factor = number, ( ), sign, number %
function compute(text) {
  const tokens = text.match(/\d[\d.,'’]*|[-+*/()%]|\S/g) || [];
  let at = 0;
  const factor = () => {
    const token = tokens[at++];
    if (token === "-") return multiply([-1n, 1n], factor());
    if (token === "+") return factor();
    if (token === "(") {
      const inner = expression();
      if (tokens[at++] !== ")") throw new SyntaxError(text);
      return inner;
    }
    const number = fraction(token || "");
    if (!number) throw new SyntaxError(text);
    if (tokens[at] === "%") { at += 1; return multiply(number, [1n, 100n]); }
    return number;
  };
  const term = () => {
    let value = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      const times = tokens[at++] === "*";
      const next = factor();
      if (!times && next[0] === 0n) throw new SyntaxError(text);
      value = multiply(value, times ? next : [next[1], next[0]]);
    }
    return value;
  };
  const expression = () => {
    let value = term();
    while (tokens[at] === "+" || tokens[at] === "-") {
      const plus = tokens[at++] === "+";
      const next = term();
      value = add(value, plus ? next : multiply([-1n, 1n], next));
    }
    return value;
  };
  const value = expression();
  if (at < tokens.length) throw new SyntaxError(text);
  return cents(value);
}

function amountOf(input) {
  const number = fraction(input.value.trim());
  return number ? cents(number) : 0n;
}

// Rows and sums

const rows = () => [...body.rows];
const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);
const cells = (row) => [...row.querySelectorAll("[data-cell]")];

function addRow() {
  body.append(document.getElementById("grid-row").content.cloneNode(true));
  return body.rows[body.rows.length - 1];
}

function sum(name, except) {
  return rows().reduce((total, row) => (row === except ? total : total + amountOf(cell(row, name))), 0n);
}

function recount() {
  const debit = sum("debit");
  const credit = sum("credit");
  const difference = debit - credit;
  form.querySelector('[data-sum="debit"]').value = shown(debit);
  form.querySelector('[data-sum="credit"]').value = shown(credit);
  const state = form.querySelector("[data-difference]");
  const text = difference === 0n
    ? (debit ? form.dataset.wordsBalanced : "")
    : `${shown(difference < 0n ? -difference : difference)} ${difference < 0n ? form.dataset.wordsDebit : form.dataset.wordsCredit}`;
  if (state.value !== text) state.value = text;
  state.dataset.tone = difference === 0n ? "good" : "bad";
}

function settle(input) {
  const text = input.value.trim();
  if (!["debit", "credit"].includes(input.dataset.cell) || !text) return;
  const row = input.closest("tr");
  const other = cell(row, input.dataset.cell === "debit" ? "credit" : "debit");
  try {
    if (text === "=") {
      const rest = sum(other.dataset.cell, row) - sum(input.dataset.cell, row);
      if (rest <= 0n) return fail(input);
      input.value = written(rest);
    } else if (text.startsWith("=")) {
      const value = compute(text.slice(1));
      if (value <= 0n) return fail(input);
      input.value = written(value);
    } else {
      const number = fraction(text);
      if (!number) return fail(input);
      input.value = written(cents(number));
    }
  } catch {
    return fail(input);
  }
  other.value = "";
  forgive(input);
  forgive(other);
  recount();
}

function fail(input) {
  input.setAttribute("aria-invalid", "true");
  recount();
}

function forgive(input) {
  input.removeAttribute("aria-invalid");
  input.parentElement.querySelector(".grid__error")?.remove();
}

// Accounts and dimensions: code, initials, or a part of the name

let list = null;

function matches(kind, typed) {
  const text = typed.trim().toLowerCase();
  if (!text) return [];
  const begins = (word) => word.toLowerCase().startsWith(text);
  const rank = (one) =>
    one.code.toLowerCase() === text ? 0
      : one.initials.toLowerCase() === text ? 1
        : begins(one.code) ? 2
          : begins(one.initials) ? 3
            : one.name.toLowerCase().startsWith(text) ? 4
              : one.name.toLowerCase().includes(text) ? 5 : 9;
  return offered.get(kind).map((one) => [rank(one), one]).filter(([place]) => place < 9).sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, one]) => one);
}

function suggest(input) {
  close();
  const found = matches(input.dataset.cell, input.value);
  if (!found.length) return;
  list = document.createElement("ul");
  list.className = "grid__suggestions";
  list.id = "grid-suggestions";
  list.setAttribute("role", "listbox");
  found.forEach((one, index) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.id = `grid-suggestion-${index}`;
    item.dataset.code = one.code;
    const code = document.createElement("b");
    code.textContent = one.code;
    item.append(code, ` ${one.name}`);
    const initials = document.createElement("small");
    initials.textContent = one.initials;
    item.append(initials);
    if (one.control) item.dataset.control = "";
    list.append(item);
  });
  input.parentElement.append(list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
  mark(input, 0);
}

function mark(input, index) {
  const items = [...list.children];
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
  input.setAttribute("aria-activedescendant", items[index].id);
}

function marked() {
  return list ? [...list.children].findIndex((item) => item.getAttribute("aria-selected") === "true") : -1;
}

function close() {
  if (!list) return;
  const input = list.parentElement.querySelector("input");
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  list.remove();
  list = null;
}

function choose(input, code) {
  const kind = input.dataset.cell;
  const one = named(kind, code) || named(kind, input.value.trim());
  if (list?.parentElement === input.parentElement) close();  // quick hands have another line's suggestions open by now
  if (one) {
    input.value = one.code;
    forgive(input);
  }
  if (kind === "account") input.closest("tr").querySelector("[data-name]").textContent = one ? one.name : "";
}

function pick(input) {
  const index = marked();
  choose(input, index >= 0 ? list.children[index].dataset.code : "");
}

// Keyboard

function go(input, down) {
  const all = rows();
  const index = all.indexOf(input.closest("tr")) + down;
  if (index < 0) return;
  const row = all[index] || addRow();
  const target = cell(row, input.dataset.cell);
  target.focus();
  target.select();
}

function nextLine(input) {
  const all = rows();
  const index = all.indexOf(input.closest("tr"));
  const row = all[index + 1] || addRow();
  const above = all[index];
  if (!cell(row, "text").value) cell(row, "text").value = cell(above, "text").value;
  cell(row, "account").focus();
}

const KEYS = {
  Enter: (input) => nextLine(input),
  ArrowDown: (input) => (list ? mark(input, Math.min(marked() + 1, list.children.length - 1)) : go(input, 1)),
  ArrowUp: (input) => (list ? mark(input, Math.max(marked() - 1, 0)) : go(input, -1)),
};

form.addEventListener("keydown", (event) => {
  const input = event.target;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === "Enter") {
    event.preventDefault();
    event.stopPropagation();
    if (offered.has(input.dataset.cell)) pick(input);
    if (input.dataset.cell) settle(input);
    document.querySelector("[data-post]").click();
    return;
  }
  if (!input.dataset.cell) return;
  if (command && event.key.toLowerCase() === "d") {
    event.preventDefault();
    copyDown(input);
  } else if (event.key === "Escape" && list) {
    event.stopPropagation();
    close();
  } else if (event.key === "Tab") {
    if (list) pick(input);
    settle(input);
    const all = rows();
    if (!event.shiftKey && input.closest("tr") === all[all.length - 1] && input === cells(all[all.length - 1]).at(-1)) addRow();
  } else if (KEYS[event.key] && !command && !event.altKey) {
    event.preventDefault();
    if (event.key === "Enter") {
      if (list) pick(input);
      settle(input);
    }
    KEYS[event.key](input);
  }
});

function copyDown(input) {
  const above = input.closest("tr").previousElementSibling;
  if (!above) return;
  input.value = cell(above, input.dataset.cell).value;
  if (offered.has(input.dataset.cell)) choose(input, input.value);
  settle(input);
}

form.addEventListener("input", (event) => {
  const input = event.target;
  if (offered.has(input.dataset.cell)) suggest(input);
  if (["debit", "credit"].includes(input.dataset.cell) && !input.value.startsWith("=")) {
    if (input.value) cell(input.closest("tr"), input.dataset.cell === "debit" ? "credit" : "debit").value = "";
    recount();
  }
});

form.addEventListener("focusout", (event) => {
  if (offered.has(event.target.dataset.cell)) setTimeout(() => {
    if (document.activeElement !== event.target) choose(event.target, "");
  }, 120);
  if (event.target.dataset.cell) settle(event.target);
});

form.addEventListener("pointerdown", (event) => {
  const item = event.target.closest(".grid__suggestions li");
  if (!item) return;
  event.preventDefault();
  choose(item.closest("td").querySelector("input"), item.dataset.code);
});

form.addEventListener("click", (event) => {
  if (event.target.closest("[data-add]")) cell(addRow(), "account").focus();
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  remove.closest("tr").remove();
  if (!body.rows.length) addRow();
  recount();
});

// An account is found by a part of its name too; a cost centre or project is the very one or none.
function pasted(kind, typed) {
  const best = matches(kind, typed)[0];
  if (!best) return "";
  const same = [best.code, best.initials].some((word) => word.toLowerCase() === typed.toLowerCase());
  return same || kind === "account" ? best.code : "";
}

// A block from a spreadsheet: its columns fill ours from the cell on, its rows as many lines as it has.
form.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (!event.target.dataset.cell || !/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  let row = event.target.closest("tr");
  const column = cells(row).indexOf(event.target);
  for (const lineText of text.replace(/\r/g, "").trimEnd().split("\n")) {
    row ||= addRow();
    lineText.split("\t").forEach((value, offset) => {
      const input = cells(row)[column + offset];
      if (!input) return;
      input.value = value.trim();
      if (offered.has(input.dataset.cell)) choose(input, pasted(input.dataset.cell, value.trim().split(" ")[0]));
      if (value.trim()) settle(input);
    });
    row = row.nextElementSibling;
  }
  recount();
});

recount();
(body.querySelector('[aria-invalid="true"]') || form.querySelector("[name=text]"))?.focus();
