// The page that works without a connection: forms that were taken along, records of the pack to choose from, and the
// ledger of what was made here. It belongs to nobody until the pack says whose phone this is.
"use strict";

(() => {
  const LISTED = 30;
  const FOUND = 8;
  const MOST_BYTES = 10 * 2 ** 20;
  const words = document.getElementById("shell-words").dataset;
  const { queue } = offline;
  let pack = null;

  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // Choosing a record

  const NAMES = {
    accounts: (row) => [row.name, [row.city, row.country].filter(Boolean).join(", ")],
    contacts: (row) => [row.name, nameOf("accounts", row.account) || row.title],
    deals: (row) => [row.account_name, [row.number, row.title, stageOf(row.stage)].filter(Boolean).join(" · ")],
    tickets: (row) => [row.subject, `${row.number} · ${row.account_name}`],
    leads: (row) => [row.name, row.company],
  };

  const find = (rows, id) => pack?.[rows]?.find((row) => row.id === id);
  const nameOf = (rows, id) => { const row = find(rows, id); return row ? NAMES[rows](row)[0] : ""; };
  const stageOf = (id) => pack?.stages.find((stage) => stage.id === id)?.name || "";

  function likeliest(rows) {
    if (rows !== "accounts") return pack[rows];
    const due = new Set(pack.stops.map((stop) => stop.account));
    return [...pack.accounts.filter((row) => due.has(row.id)), ...pack.accounts.filter((row) => !due.has(row.id))];
  }

  function search(rows, text) {
    const wanted = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const says = (row) => [...NAMES[rows](row), row.phone, row.email].join(" ").toLocaleLowerCase();
    return likeliest(rows).filter((row) => wanted.every((word) => says(row).includes(word)));
  }

  function enhance(input) {
    const rows = input.dataset.pick;
    const value = make("input", { type: "hidden", name: input.name });
    const list = make("ul", { className: "rows pick" });
    input.removeAttribute("name");
    input.placeholder = words.find;
    input.setAttribute("role", "searchbox");
    input.after(value, list);
    const draw = () => {
      if (!pack) return list.replaceChildren();
      const found = search(rows, input.value);
      const behind = pack.left_behind[rows];
      const lines = found.slice(0, FOUND).map((row) => {
        const [name, more] = NAMES[rows](row);
        const button = make("button", { type: "button", className: "pick__one" }, make("b", { textContent: name }), make("span", { textContent: more || "" }));
        button.dataset.value = row.id;
        return make("li", {}, button);
      });
      if (!found.length) lines.push(make("li", { className: "muted", textContent: words.none }));
      if (behind && found.length < FOUND) lines.push(make("li", { className: "muted", textContent: words.behind.replace("0", behind) }));
      list.replaceChildren(...lines);
    };
    const choose = (id, fresh = true) => {
      value.value = id;
      input.value = id ? nameOf(rows, id) : "";
      list.replaceChildren();
      chosen(input.form, rows, id, fresh);
    };
    input.addEventListener("focus", () => { if (!value.value) draw(); });
    input.addEventListener("input", () => { value.value = ""; draw(); });
    list.addEventListener("click", (event) => {
      const one = event.target.closest("[data-value]");
      if (one) { choose(one.dataset.value); value.dispatchEvent(new Event("input", { bubbles: true })); }
    });
    value.choose = choose;
    draw();
  }

  // What depends on the record chosen: the stages of a deal's pipeline, the values that are edited.
  function chosen(form, rows, id, fresh) {
    const row = find(rows, id);
    if (form.dataset.kind === "stage") stages(form, row);
    if (fresh && row && form.dataset.kind.startsWith("edit_")) {
      for (const field of form.querySelectorAll("input[name], textarea[name]")) if (field.name in row && field.type !== "hidden") field.value = row[field.name];
    }
  }

  function stages(form, deal) {
    const box = form.querySelector("#stage_stage");
    const all = deal ? pack.stages.filter((stage) => stage.pipeline === deal.pipeline && stage.id !== deal.stage) : [];
    box.replaceChildren(...all.map((stage) => {
      const radio = make("input", { type: "radio", name: "stage", value: stage.id, required: true });
      return make("div", {}, make("label", {}, radio, ` ${stage.name}`));
    }));
  }

  // Forms

  async function open(kind, given = {}) {
    const template = document.getElementById(`form-${kind}`);
    if (!template) return;
    await Promise.all(["meter", "capture"].map(offline.load));
    pack = await queue.view();
    const body = document.getElementById("sheet-body");
    body.replaceChildren(template.content.cloneNode(true));
    const form = body.querySelector("form");
    form.querySelectorAll("[data-pick]").forEach(enhance);
    globalThis.capture?.enhance(form);
    if (given.replaces) form.dataset.draft = `offline ${given.replaces}`;
    form.given = given;
    form.addEventListener("draft-restored", () => { for (const one of form.elements) one.choose?.(one.value, false); });
    refill(form, given.fields || {});
    await drafts.restore(form);
    for (const [name, text] of Object.entries(given.errors || {})) complain(form, name, text);
    ui.openDialog("sheet");
  }

  function refill(form, fields) {
    const picks = [...form.elements].filter((one) => one.choose);
    for (const pick of picks) if (fields[pick.name]) pick.choose(fields[pick.name]);
    for (const [name, value] of Object.entries(fields)) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.choose || field.type === "file") continue;
        if (/^(radio|checkbox)$/.test(field.type)) field.checked = field.type === "radio" ? field.value === value : Boolean(value);
        else field.value = value;
      }
    }
  }

  function complain(form, name, text) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"], #${CSS.escape(`${form.dataset.kind}_${name}`)}`);
    const box = field?.closest(".field") || form.querySelector(".field");
    box.classList.add("field--bad");
    const line = make("p", { className: "field__error", textContent: text });
    line.setAttribute("role", "alert");
    box.append(line);
    box.closest("details")?.setAttribute("open", "");
    return box;
  }

  function valid(form) {
    form.querySelectorAll(".field__error").forEach((line) => line.remove());
    form.querySelectorAll(".field--bad").forEach((box) => box.classList.remove("field--bad"));
    const told = new Set();
    const wrong = [];
    for (const field of form.elements) {
      const { name } = field;
      if (!name || told.has(name) || field.type === "hidden" && !field.choose) continue;
      const empty = field.choose ? field.previousElementSibling.required && !field.value : field.validity.valueMissing && !(field.type === "file" && form.given.photo);
      const bad = !empty && !field.validity.valid && !field.validity.valueMissing;
      if (!empty && !bad) continue;
      told.add(name);
      wrong.push(complain(form, name, empty ? words.required : words.invalid));
    }
    if (form.dataset.kind === "stage" && !form.querySelector("[name=stage]:checked")) wrong.push(complain(form, "stage", words.required));
    wrong[0]?.querySelector("input:not([type=hidden]), textarea")?.focus();
    return !wrong.length;
  }

  async function read(form) {
    const fields = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "csrfmiddlewaretoken") fields[name] = value;
    // "In a week" means a week from now, not from when there is a connection again.
    if (fields.in_days && !fields.next_step_on) {
      const day = new Date();
      day.setDate(day.getDate() + Number(fields.in_days));
      fields.next_step_on = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    }
    delete fields.in_days;
    return { fields, photo: await fileOf(form, "photo"), recording: await fileOf(form, "recording") };
  }

  async function fileOf(form, name) {
    const file = form.querySelector(`[type=file][name=${name}]`)?.files[0];
    return file ? { bytes: await file.arrayBuffer(), type: file.type } : form.given[name] || null;
  }

  async function save(form) {
    if (!valid(form)) return;
    const user = await offline.me();
    if (!user) return ui.toast(document.getElementById("expired").textContent.trim(), "bad");
    const kind = form.dataset.kind;
    const { fields, photo, recording } = await read(form);
    if (photo && photo.bytes.byteLength > MOST_BYTES) return complain(form, "photo", words.large);
    const common = { kind, user, replaces: form.given.replaces || null, draft: form.dataset.draft };
    try {
      if (kind.startsWith("edit_")) {
        const { target, ...changed } = fields;
        if (!(await queue.edit({ ...common, target, fields: changed }))) return ui.toast(words.unchanged, "warn");
      } else {
        const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
        const base = kind === "stage" ? { stage: find("deals", fields.deal).stage, version: find("deals", fields.deal).version } : {};
        await queue.add({ ...common, fields: filled, base, photo, recording });
      }
    } catch (error) {
      return ui.toast(error.name === "QuotaExceededError" ? words.full : String(error.message), "bad");
    }
    globalThis.meter?.saved(form, user);
    await drafts.forget(form);
    form.closest("dialog").close();
    ui.toast(words.saved, "good");
    await draw();
    offline.sync();
  }

  window.addEventListener("submit", (event) => {
    if (!event.target.dataset.kind) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    save(event.target);
  }, true);

  // What is shown

  async function draw() {
    const user = await offline.me();
    pack = await queue.view();
    document.getElementById("expired").hidden = Boolean(pack);
    drawStops();
    await drawLedger(user);
  }

  function drawStops() {
    const card = document.getElementById("stops");
    card.hidden = !pack?.stops.length;
    card.querySelector("ul").replaceChildren(...(pack?.stops || []).map((stop) => {
      const button = make("button", { type: "button", className: "button button--primary", textContent: words.log });
      button.addEventListener("click", () => open("visit", { fields: { account: stop.account, deal: stop.deal || "", entry: stop.entry || "" } }));
      return make("li", {}, make("div", { className: "grow" }, make("b", { textContent: stop.who }), make("br"), make("small", { className: "muted", textContent: [stop.day, stop.text].join(" · ") })), button);
    }));
  }

  async function drawLedger(user) {
    const counts = user ? await queue.counts(user) : { made: 0, server: 0, waiting: 0, refused: 0, dropped: 0 };
    const line = document.getElementById("counts");
    const parts = ["made", "server", "waiting"].concat(counts.refused ? ["refused"] : [], counts.dropped ? ["dropped"] : []);
    line.textContent = parts.map((name) => line.dataset[name].replace("0", counts[name])).join(" · ");
    const made = user ? (await queue.all(user)).reverse().slice(0, LISTED) : [];
    document.querySelector("#ledger ul").replaceChildren(...made.map(row));
  }

  function row(one) {
    const title = document.getElementById(`form-${one.kind}`)?.dataset.title || one.kind;
    const whom = nameOf("accounts", one.fields.account) || nameOf("deals", one.fields.deal) || nameOf("tickets", one.fields.ticket) || ["accounts", "contacts", "leads", "deals"].map((rows) => nameOf(rows, one.target)).find(Boolean) || one.fields.person || one.fields.name || one.fields.company || "";
    const tone = { applied: "good", refused: "bad", waiting: "info", clash: "warn" }[one.state] || "quiet";
    const state = make("span", { className: `status status--${tone}`, textContent: one.state === "clash" ? words.clash : words[one.state] });
    const text = make("div", { className: "grow" }, make("b", { textContent: [title, whom].filter(Boolean).join(": ") }), make("br"), make("small", { className: "muted", textContent: new Date(one.made_at).toLocaleString(document.documentElement.lang) }));
    for (const clash of one.answer?.clashes || []) text.append(make("p", { textContent: `${words.yours}: ${clash.mine || "–"} · ${words.there}: ${clash.theirs || "–"}` }));
    const item = make("li", {}, text, state);
    if (one.state === "clash") item.append(make("a", { className: "button", href: "/offline/", textContent: words.choose }));
    if (one.state === "refused") {
      text.append(make("p", { className: "field__error", textContent: one.answer.message }));
      const correct = make("button", { type: "button", className: "button button--primary", textContent: words.correct });
      const discard = make("button", { type: "button", className: "button button--ghost", textContent: words.discard });
      correct.addEventListener("click", () => open(one.kind, { fields: { ...one.fields, target: one.target }, errors: one.answer.errors, replaces: one.key, photo: one.photo, recording: one.recording }));
      discard.addEventListener("click", async () => { await queue.drop(one.key); await draw(); offline.sync(); });
      item.append(make("div", { className: "cluster" }, correct, discard));
    }
    return item;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-form]");
    if (!link) return;
    event.preventDefault();
    open(link.dataset.form);
  });

  // The address says which form was wanted: its own, or the page of the CRM that this one stands in for.
  async function follow() {
    const { pathname, searchParams, hash } = new URL(window.location.href);
    const templates = [...document.querySelectorAll("template[data-url]")];
    const wanted = templates.find((one) => {
      if (!one.dataset.url) return false;
      const url = new URL(one.dataset.url, window.location.href);
      return url.pathname === pathname && (url.searchParams.get("kind") || "") === (searchParams.get("kind") || "");
    });
    const kind = hash.slice(1) || wanted?.id.replace("form-", "");
    if (!kind || !document.getElementById(`form-${kind}`)) return;
    const [deal, entry] = [searchParams.get("deal") || "", searchParams.get("entry") || ""];
    const account = searchParams.get("account") || find("deals", deal)?.account || pack?.stops.find((stop) => (deal && stop.deal === deal) || (entry && stop.entry === entry))?.account || "";
    await open(kind, { fields: { account, deal, entry } });
  }

  document.addEventListener("offline-counts", draw);
  draw().then(follow);
})();
