// On every page of the CRM: the service worker, the pack that goes along, and sending what waits whenever there may be
// a connection: at opening, on coming back to the page, and when the network returns.
"use strict";

(() => {
  const API = "/api/v1/offline/";
  const FRESH_MS = 10 * 60e3;
  const root = document.documentElement;
  const words = document.getElementById("offline-words").dataset;
  const queue = new offline.Queue({ send });
  let syncing = null;
  let again = false;

  async function send(parcel, photo, recording) {
    const headers = { "X-CSRFToken": ui.csrfToken(), Accept: "application/json" };
    let body = JSON.stringify(parcel);
    if (photo || recording) {
      const form = new FormData();
      form.set("parcel", body);
      for (const [name, file] of Object.entries({ photo, recording })) if (file) form.set(name, new Blob([file.bytes], { type: file.type }), name);
      body = form;
    } else headers["Content-Type"] = "application/json";
    const answer = await fetch(`${API}operations/`, { method: "POST", body, headers, redirect: "manual" });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  }

  // The pack of whoever is signed in; who is not signed in any more keeps none.
  async function refresh(force) {
    const held = await queue.pack();
    if (held && !force && String(held.user) === root.dataset.user && Date.now() - held.kept_at < FRESH_MS) return;
    const answer = await fetch(`${API}pack/`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) return queue.wipe();
    if (!answer.ok) return;
    const pack = await answer.json();
    if (held && held.user !== pack.user) await queue.wipe();
    await queue.keepPack(pack);
  }

  // Of several tabs one sends; the server would take each operation once anyway.
  const alone = (work) => (navigator.locks ? navigator.locks.request("heming-offline", work) : work());

  // Who asks while it runs has news of the line that it may not have heard: it runs once more.
  function sync(force = false) {
    if (syncing) again = true;
    else syncing = rounds(force).finally(() => { syncing = null; });
    return syncing;
  }

  async function rounds(force) {
    do {
      again = false;
      await alone(() => round(force)).catch(() => {});
      await show();
    } while (again);
  }

  async function round(force) {
    const user = await me();
    if (!user) return;
    const before = await queue.counts(user);
    if (before.waiting || (await queue.all(user)).some((one) => one.told === false)) await queue.flush(user);
    const after = await queue.counts(user);
    await refresh(force || after.waiting !== before.waiting);
    await queue.prune();
  }

  // On a page its user; in the shell, which belongs to nobody, whoever's pack this is.
  async function me() {
    if (root.dataset.user) return Number(root.dataset.user);
    return root.hasAttribute("data-shell") ? (await queue.pack())?.user || (await remembered()) : null;
  }

  const remembered = () => Number(localStorage.getItem("heming-user")) || null;

  async function show() {
    const user = await me();
    const counts = user ? await queue.counts(user) : { waiting: 0, refused: 0 };
    const line = document.getElementById("waiting");
    if (line) {
      line.hidden = !counts.waiting && !counts.refused;
      const parts = [counts.waiting && words.waiting.replace("0", counts.waiting), counts.refused && words.refused.replace("0", counts.refused)];
      line.querySelector("span").textContent = parts.filter(Boolean).join(" · ");
    }
    document.dispatchEvent(new CustomEvent("offline-counts", { detail: counts }));
  }

  // Signing out: what waits is sent first, then nothing of the records stays here.
  window.addEventListener("submit", async (event) => {
    const form = event.target;
    if (new URL(form.action, window.location.href).pathname !== "/logout/" || form.dataset.wiped) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await sync();
    const counts = await queue.counts(Number(root.dataset.user));
    if ((counts.waiting || counts.refused) && !(await ui.ask(words.leaving.replace("0", counts.waiting + counts.refused)))) return;
    await queue.wipe();
    localStorage.removeItem("heming-user");
    form.dataset.wiped = "1";
    form.submit();
  }, true);

  // A sheet that cannot be fetched is shown by the page that needs no connection.
  document.addEventListener("htmx:sendError", ({ detail }) => {
    const { verb, path } = detail.requestConfig;
    if (verb === "get" && detail.target?.id === "sheet-body" && navigator.serviceWorker?.controller) window.location.assign(path);
  });

  async function begin() {
    if (document.querySelector("meta[name=guest]")) return queue.wipe();
    const held = await queue.pack();
    if (root.dataset.user) {
      localStorage.setItem("heming-user", root.dataset.user);
      if (held && String(held.user) !== root.dataset.user) await queue.wipe();
    }
    if (root.dataset.user && navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
    await show();
    await idle();
    return sync();
  }

  // The page itself comes first.
  async function idle() {
    if (document.readyState !== "complete") await new Promise((resolve) => window.addEventListener("load", resolve, { once: true }));
    if (window.requestIdleCallback) await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }));
  }

  // What only forms need comes with the first of them.
  const scripts = new Map();

  function load(name) {
    if (!scripts.has(name)) scripts.set(name, new Promise((resolve) => {
      const script = Object.assign(document.createElement("script"), { src: words[name], onload: resolve });
      script.onerror = () => { scripts.delete(name); resolve(); };
      document.head.append(script);
    }));
    return scripts.get(name);
  }

  function loadWanted() {
    if (document.querySelector("form[data-meter]") || sessionStorage.getItem("heming-measuring") || (localStorage.getItem("heming-measures") || "[]") !== "[]") load("meter");
    if (document.querySelector("input[data-check-in]")) load("capture");
  }

  document.addEventListener("htmx:afterSwap", loadWanted);
  window.addEventListener("online", () => sync());
  window.addEventListener("focus", () => sync());
  document.addEventListener("visibilitychange", () => !document.hidden && sync());
  setInterval(async () => { if (!document.hidden && (await me())) sync(); }, 60e3);

  globalThis.offline.queue = queue;
  globalThis.offline.send = send;
  globalThis.offline.sync = sync;
  globalThis.offline.me = me;
  globalThis.offline.load = load;
  globalThis.offline.ready = begin();
  loadWanted();
})();
