// What filling in a form costs: seconds, taps and keys of each save and of each field, from the first touch on. It counts
// touches and never looks at what is written; it tells the server beside the save, when there is time and a connection,
// and whatever goes wrong here, forms know nothing of it.
"use strict";

(() => {
  const API = "/api/v1/measures/";
  const HELD = "heming-measures";
  const OPEN = "heming-measuring";
  const MOST = 200;
  const IDLE_MS = 120e3;
  const SOON_MS = 400;
  const SMALL = 768;
  const MOVED = 12;
  const SILENT = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"]);
  const running = new Map();
  let pressed = null;
  let sending = false;

  const safely = (work) => (...given) => { try { return work(...given); } catch { return null; } };
  const nameOf = (form) => form?.dataset.meter || form?.dataset.kind || "";
  const idOf = (form) => `${nameOf(form)} ${form.getAttribute("hx-post") || form.getAttribute("action") || window.location.pathname + window.location.search}`;
  const listen = (kind, work) => document.addEventListener(kind, safely(work), true);

  function begun(form) {
    const id = idOf(form);
    if (!running.has(id)) running.set(id, { ms: 0, last: null, taps: 0, keys: 0, mistakes: 0, fields: {} });
    return running.get(id);
  }

  // What passed since the last touch: who puts the phone away for long, or looks at another page, is not writing.
  function passed(one) {
    const now = Date.now();
    const ms = one.last === null ? 0 : Math.min(Math.max(now - one.last, 0), IDLE_MS);
    one.last = now;
    one.ms += ms;
    return ms;
  }

  function fieldOf(target) {
    const label = target.closest("label");
    const field = target.name ? target : document.getElementById(target.closest("[data-fills]")?.dataset.fills) || label?.control || target.closest(".field")?.querySelector("[name]");
    const name = field && field.type !== "submit" ? field.name : "";
    return name && (/^[a-z_]+$/.test(name) ? name : "other");
  }

  // A touch closes the time that led to it: reading five outcomes belongs to the outcome that is tapped.
  function touch(event, what) {
    const form = event.isTrusted && event.target.closest?.("form");
    if (!nameOf(form)) return;
    const one = begun(form);
    const ms = passed(one);
    one[what] += 1;
    const name = fieldOf(event.target);
    if (!name) return;
    const field = one.fields[name] ||= { ms: 0, taps: 0, keys: 0 };
    field.ms += ms;
    field[what] += 1;
  }

  listen("pointerdown", (event) => { pressed = event.isPrimary ? [event.clientX, event.clientY] : null; });
  listen("pointercancel", () => { pressed = null; });
  listen("pointerup", (event) => {
    // A finger that moves reads on; it does not tap.
    const still = pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) <= MOVED;
    pressed = null;
    if (still) touch(event, "taps");
  });
  listen("keydown", (event) => { if (!event.repeat && !SILENT.has(event.key)) touch(event, "keys"); });
  document.addEventListener("visibilitychange", safely(() => {
    for (const one of running.values()) {
      if (document.hidden && one.last !== null) passed(one);
      one.last = null;
    }
  }));

  function filled(form) {
    const found = new Set();
    for (const one of form.elements) {
      if (!one.name || ["submit", "button"].includes(one.type) || one.type === "hidden" && !one.choose) continue;
      if (one.value && (!/^(radio|checkbox)$/.test(one.type) || one.checked)) found.add(/^[a-z_]+$/.test(one.name) ? one.name : "other");
    }
    return found;
  }

  // The clock stops when the form is sent; what comes back with a mistake goes on.
  function close(form) {
    const one = running.get(idOf(form));
    if (!one) return null;
    if (one.last !== null) passed(one);
    one.last = null;
    one.filled = [...filled(form)];
    return one;
  }

  function measured(name, one, way) {
    const seconds = (ms) => Math.round(ms / 100) / 10;
    const names = new Set([...Object.keys(one.fields), ...(one.filled || [])]);
    const fields = [...names].map((field) => {
      const { ms = 0, taps = 0, keys = 0 } = one.fields[field] || {};
      return { name: field, seconds: seconds(ms), taps, keys, filled: (one.filled || []).includes(field) };
    });
    const screen = window.innerWidth < SMALL ? "phone" : "desk";
    return { key: crypto.randomUUID(), form: name, way, screen, seconds: seconds(one.ms), taps: one.taps, keys: one.keys, mistakes: one.mistakes, fields };
  }

  const held = () => JSON.parse(localStorage.getItem(HELD) || "[]");
  const hold = (list) => localStorage.setItem(HELD, JSON.stringify(list.slice(-MOST)));

  function done(id, one, user, way) {
    running.delete(id);
    if (!one || !one.taps && !one.keys) return;
    hold([...held(), { user: Number(user), at: Date.now(), told: measured(id.split(" ")[0], one, way) }]);
    setTimeout(flush, SOON_MS);
  }

  const person = () => document.documentElement.dataset.user;

  // A sheet: saved when its answer says so.
  document.addEventListener("htmx:beforeRequest", safely(({ detail }) => {
    if (detail.requestConfig.verb === "post" && nameOf(detail.elt)) close(detail.elt);
  }));
  document.addEventListener("htmx:afterRequest", safely(({ detail }) => {
    const form = detail.requestConfig.elt;
    const one = detail.requestConfig.verb === "post" && nameOf(form) && running.get(idOf(form));
    if (!one) return;
    if (detail.xhr.status >= 200 && detail.xhr.status < 400) done(idOf(form), one, person(), "page");
    else if (detail.xhr.status) one.mistakes += 1;
  }));

  // A page: saved when its answer is another one; one that came back goes on where it was.
  document.addEventListener("submit", safely((event) => {
    const form = event.target;
    if (event.defaultPrevented || !nameOf(form) || form.hasAttribute("hx-post") || form.dataset.kind) return;
    const one = close(form);
    if (one) sessionStorage.setItem(OPEN, JSON.stringify({ id: idOf(form), one, user: person() }));
  }));

  const settle = safely(() => {
    const { id, one, user } = JSON.parse(sessionStorage.getItem(OPEN) || "{}");
    sessionStorage.removeItem(OPEN);
    if (!id) return;
    const [visit] = performance.getEntriesByType("navigation");
    const here = [...document.forms].some((form) => nameOf(form) && idOf(form) === id);
    if ((visit.responseStatus || 200) < 400 && !document.documentElement.hasAttribute("data-shell") && (visit.redirectCount > 0 || !here)) done(id, one, user, "page");
    else if (here) running.set(id, { ...one, mistakes: one.mistakes + 1 });
  });

  // Told one by one, by whoever wrote them; what the server will never take is let go.
  async function flush() {
    if (sending || !navigator.onLine) return;
    sending = true;
    try {
      const user = await offline.me();
      for (const one of held().filter((each) => user && each.user === user)) {
        const age = Math.max(0, Math.floor((Date.now() - one.at) / 864e5));
        const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": ui.csrfToken() };
        const answer = await fetch(API, { method: "POST", headers, body: JSON.stringify({ ...one.told, age_days: age }), redirect: "manual", keepalive: true });
        if (!answer.ok && ![400, 413, 415, 422].includes(answer.status)) break;
        hold(held().filter((each) => each.told.key !== one.told.key));
      }
    } catch { /* another time */ } finally { sending = false; }
  }

  settle();
  offline.ready.then(flush, () => {});
  window.addEventListener("online", flush);
  window.addEventListener("focus", flush);

  globalThis.meter = { flush, saved: safely((form, user) => { const one = close(form); done(idOf(form), one, user, "offline"); }) };
})();
