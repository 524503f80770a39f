// What is typed into a form is kept on this device within a moment and is there again after a crash, a lost connection
// or a wrong tap; it goes when the form has been saved, and at signing out.
"use strict";

(() => {
  const SOON_MS = 120;
  const UNKEPT = new Set(["csrfmiddlewaretoken", "idempotency_key"]);
  const SUBMITTED = "draft-submitted";
  const store = new offline.Queue({ send: null });
  const pending = new Map();

  const person = () => document.documentElement.dataset.user || "";

  function keepable(form) {
    return form instanceof HTMLFormElement && form.method === "post" && !form.querySelector("[type=password]")
      && !form.closest(".menu") && !form.hasAttribute("data-undrafted") && fieldsOf(form).some((one) => one.type !== "hidden");
  }

  function fieldsOf(form) {
    return [...form.elements].filter((one) => one.name && !UNKEPT.has(one.name) && !["submit", "button", "file", "password"].includes(one.type) && one.tagName !== "FIELDSET");
  }

  function idOf(form) {
    if (form.dataset.draft) return form.dataset.draft;
    const url = new URL(form.getAttribute("hx-post") || form.getAttribute("action") || window.location.href, window.location.href);
    return `${url.pathname}${url.search} ${form.id}`.trim();
  }

  function valuesOf(form) {
    return fieldsOf(form).map((one) => [one.name, /^(radio|checkbox)$/.test(one.type) ? [one.value, one.checked] : one.value]);
  }

  // A save is due soon after the first keystroke that is not kept yet, not after the last: who types on is kept too.
  function later(form) {
    if (!keepable(form) || pending.has(form)) return;
    pending.set(form, setTimeout(() => save(form), SOON_MS));
  }

  async function save(form, more = {}) {
    clearTimeout(pending.get(form));
    pending.delete(form);
    await store.saveDraft(idOf(form), person(), valuesOf(form), { key: form.elements.idempotency_key?.value || "", ...more });
  }

  async function forget(form) {
    clearTimeout(pending.get(form));
    pending.delete(form);
    await store.dropDraft(idOf(form));
  }

  // Puts a draft back; true when there was one that says something else than the form.
  async function restore(form) {
    if (!keepable(form)) return false;
    const held = await store.draft(idOf(form));
    if (!held || held.user !== person() || JSON.stringify(held.values) === JSON.stringify(valuesOf(form))) return false;
    const fields = fieldsOf(form);
    for (const [place, [name, value]] of held.values.entries()) {
      const field = fields[place]?.name === name ? fields[place] : fields.find((one) => one.name === name && (!Array.isArray(value) || one.value === value[0]));
      if (!field || field.type === "hidden" && name !== "version" && !form.dataset.draft) continue;
      if (Array.isArray(value)) { if (field.value === value[0]) field.checked = value[1]; }
      else field.value = value;
    }
    // Sent once already, and nobody heard the answer: under the same key it cannot become two.
    if (held.submitted && held.key && form.elements.idempotency_key) form.elements.idempotency_key.value = held.key;
    form.dispatchEvent(new CustomEvent("draft-restored", { bubbles: true }));
    tell(form);
    return true;
  }

  function tell(form) {
    const words = document.getElementById("offline-words")?.dataset;
    if (!words || form.querySelector("[data-restored]")) return;
    const line = Object.assign(document.createElement("p"), { className: "muted restored" });
    line.dataset.restored = "";
    line.setAttribute("role", "status");
    const away = Object.assign(document.createElement("button"), { type: "button", className: "button button--ghost button--small", textContent: words.discard });
    away.addEventListener("click", async () => { await forget(form); form.reset(); line.remove(); form.dispatchEvent(new CustomEvent("draft-restored", { bubbles: true })); });
    line.append(`${words.restored} `, away);
    form.prepend(line);
  }

  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => event.target.form && later(event.target.form), true);

  // The page may go at any moment: what is not kept yet is kept now.
  const now = () => { for (const form of [...pending.keys()]) save(form); };
  window.addEventListener("pagehide", now);
  document.addEventListener("visibilitychange", () => document.hidden && now());

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !keepable(event.target) || event.target.hasAttribute("hx-post") || event.target.dataset.draft) return;
    sessionStorage.setItem(SUBMITTED, idOf(event.target));
    save(event.target, { submitted: true });
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    // Of a form that its answer swapped or took away, htmx tells the parent and no success; the request knows better.
    const { requestConfig, xhr } = event.detail;
    const form = requestConfig.elt.closest("form");
    if (form && requestConfig.verb === "post" && xhr.status >= 200 && xhr.status < 400) forget(form);
  });

  // A form sent as a page is saved when its answer is another page; one that came back with a mistake is not.
  async function settle() {
    const id = sessionStorage.getItem(SUBMITTED);
    if (!id) return;
    sessionStorage.removeItem(SUBMITTED);
    const [visit] = performance.getEntriesByType("navigation");
    const here = [...document.forms].some((form) => keepable(form) && idOf(form) === id);
    if ((visit.responseStatus || 200) < 400 && !document.documentElement.hasAttribute("data-shell") && (visit.redirectCount > 0 || !here)) await store.dropDraft(id);
  }

  const all = (root) => Promise.all([...root.querySelectorAll("form")].map(restore));
  settle().then(() => all(document));
  document.addEventListener("htmx:afterSettle", (event) => all(event.detail.target));

  globalThis.drafts = { restore, forget, save };
})();
