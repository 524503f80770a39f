// What is made on a phone without a connection, kept in IndexedDB: operations with UUIDs of their own until the server
// has said what became of each, the pack of records to choose from, and drafts of what is being typed.
// It knows no page and no network: `send` and `now` are given, so that it runs in proofs as it runs on phones.
"use strict";

(() => {
  const BATCH = 25;
  const KEPT_MS = 30 * 864e5;
  const BACKWARDS_MS = 5 * 60e3;
  const PLURAL = { account: "accounts", contact: "contacts", lead: "leads", deal: "deals" };
  const BAD_PARCEL = [400, 413, 415, 422];

  const wish = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  const finished = (transaction) => new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });

  class Queue {
    constructor({ name = "heming", send, now = () => Date.now(), uuid = () => crypto.randomUUID() }) {
      Object.assign(this, { name, send, now, uuid, opened: null, running: null });
    }

    open() {
      this.opened ||= new Promise((resolve, reject) => {
        const request = indexedDB.open(this.name, 1);
        request.onupgradeneeded = () => {
          const made = request.result.createObjectStore("operations", { keyPath: "number", autoIncrement: true });
          made.createIndex("key", "key", { unique: true });
          request.result.createObjectStore("drafts", { keyPath: "id" });
          request.result.createObjectStore("facts", { keyPath: "name" });
        };
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          // A newer release in another tab wants the store: it gets it, and this page asks for it anew.
          request.result.onversionchange = () => { request.result.close(); this.opened = null; };
          request.result.onclose = () => { this.opened = null; };
          resolve(request.result);
        };
      });
      return this.opened;
    }

    async close() {
      (await this.opened)?.close();
      this.opened = null;
    }

    // One transaction over some stores; it has committed when this resolves.
    async within(stores, mode, work) {
      const transaction = (await this.open()).transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
      const done = finished(transaction);
      done.catch(() => {});
      const result = await work(...stores.map((name) => transaction.objectStore(name)));
      await done;
      return result;
    }

    // Operations

    async add({ kind, fields, user, base = {}, target = null, photo = null, recording = null, replaces = null, draft = "" }) {
      const made = {
        key: this.uuid(), kind, fields, user, base, target, photo, recording, replaces,
        made_at: new Date(this.now()).toISOString(), state: "waiting", answer: null,
      };
      return this.within(["operations", "drafts"], "readwrite", async (operations, drafts) => {
        if (replaces) {
          const wrong = await wish(operations.index("key").get(replaces));
          if (wrong) operations.put({ ...wrong, state: "corrected" });
        }
        if (draft) drafts.delete(draft);
        return { ...made, number: await wish(operations.add(made)) };
      });
    }

    async all(user) {
      const found = await this.within(["operations"], "readonly", (operations) => wish(operations.getAll()));
      return found.filter((one) => one.user === user);
    }

    // "12 made, 12 on the server, 0 waiting": every one is in exactly one of these.
    async counts(user) {
      const found = await this.all(user);
      const of = (...states) => found.filter((one) => states.includes(one.state)).length;
      return { made: found.length, server: of("applied", "clash"), waiting: of("waiting"), refused: of("refused"), clashes: of("clash"), dropped: of("dropped", "corrected") };
    }

    // A refused one is given up; the server is told with the next parcel.
    async drop(key) {
      await this.within(["operations"], "readwrite", async (operations) => {
        const held = await wish(operations.index("key").get(key));
        if (held?.state === "refused") operations.put({ ...held, state: "dropped", told: false });
      });
    }

    // Sends what waits, in the order it was made; true when nothing waits any more. Of two calls at once one sends.
    flush(user) {
      this.running ||= this.sendAll(user).finally(() => { this.running = null; });
      return this.running;
    }

    async sendAll(user) {
      const device = await this.device();
      for (;;) {
        const found = await this.all(user);
        const waiting = found.filter((one) => one.state === "waiting").sort((a, b) => a.number - b.number);
        const dropped = found.filter((one) => one.state === "dropped" && one.told === false).map((one) => one.key);
        if (!waiting.length && !dropped.length) return true;
        const alone = waiting.findIndex((one) => one.photo || one.recording);
        const batch = waiting.slice(0, alone === 0 ? 1 : Math.min(BATCH, alone < 0 ? BATCH : alone));
        if (!(await this.sendBatch(device, user, batch, dropped))) return false;
      }
    }

    async sendBatch(device, user, batch, dropped) {
      let answer;
      try {
        answer = await this.send(this.parcel(device, user, batch, dropped), batch[0]?.photo || null, batch[0]?.recording || null);
      } catch {
        return false;
      }
      if (answer.status === 200) return this.settle(batch, answer.body.results, dropped);
      if (!BAD_PARCEL.includes(answer.status)) return false;
      if (batch.length > 1) {
        for (const one of batch) if (!(await this.sendBatch(device, user, [one], []))) return false;
        return true;
      }
      // What the server cannot even read is refused where everybody sees it, and stops nothing behind it.
      const told = answer.body || {};
      return batch.length === 1 && this.settle(batch, [{ key: batch[0].key, fate: "refused", answer: { code: told.code || "bad-input", message: told.detail || String(answer.status) } }], []);
    }

    parcel(device, user, batch, dropped) {
      const sent = ({ key, number, kind, fields, base, target, made_at, replaces }) => ({ key, number, kind, fields, base, target, made_at, replaces });
      return { device, user, sent_at: new Date(this.now()).toISOString(), operations: batch.map(sent), dropped };
    }

    // Writes down what the server said; false when it said nothing about some of them.
    async settle(batch, results, dropped) {
      const said = new Map((results || []).map((one) => [one.key, one]));
      await this.within(["operations", "facts"], "readwrite", async (operations, facts) => {
        const pack = (await wish(facts.get("pack")))?.value;
        for (const one of batch) {
          const result = said.get(one.key);
          if (!result) continue;
          operations.put({ ...one, state: result.fate, answer: result.answer, ...(result.fate === "refused" ? {} : { photo: null, recording: null }), settled_at: this.now() });
          if (pack && result.answer.record) patch(pack, result.answer.record);
        }
        for (const key of dropped) {
          const held = await wish(operations.index("key").get(key));
          if (held) operations.put({ ...held, told: true });
        }
        if (pack) facts.put({ name: "pack", value: pack });
      });
      return batch.every((one) => said.has(one.key));
    }

    device() {
      return this.within(["facts"], "readwrite", async (facts) => {
        const known = await wish(facts.get("device"));
        if (known) return known.value;
        const made = { name: "device", value: this.uuid() };
        facts.put(made);
        return made.value;
      });
    }

    // The pack

    keepPack(pack) {
      return this.within(["facts"], "readwrite", async (facts) => facts.put({ name: "pack", value: { ...pack, kept_at: this.now() } }));
    }

    // What was taken along, while it may be shown: a clock that was turned back ends it as its time does.
    async pack() {
      const held = await this.within(["facts"], "readonly", async (facts) => (await wish(facts.get("pack")))?.value || null);
      if (!held) return null;
      const age = this.now() - held.kept_at;
      if (age >= -BACKWARDS_MS && age < held.lasts_seconds * 1000) return held;
      await this.within(["facts"], "readwrite", async (facts) => facts.delete("pack"));
      return null;
    }

    // The pack as it will be once all that waits is there: later edits start from it.
    async view() {
      const pack = await this.pack();
      if (!pack) return null;
      for (const one of (await this.all(pack.user)).filter((each) => each.state === "waiting")) foresee(pack, one);
      return pack;
    }

    // An edit of a record of the pack: only what was changed goes, each field with the value it started from.
    async edit({ kind, target, fields, ...rest }) {
      const pack = await this.view();
      const row = pack?.[`${kind.replace("edit_", "")}s`]?.find((one) => one.id === target);
      if (!row) throw new Error("this record is not in the pack");
      const changed = Object.keys(fields).filter((name) => String(fields[name]) !== String(row[name] ?? ""));
      if (!changed.length) return null;
      const pick = (from) => Object.fromEntries(changed.map((name) => [name, from[name] ?? ""]));
      return this.add({ kind, target, fields: pick(fields), base: { ...pick(row), version: row.version }, ...rest });
    }

    // After signing out, or being signed out: records and half-typed words go; what waits stays with its maker.
    wipe() {
      return this.within(["operations", "drafts", "facts"], "readwrite", async (operations, drafts, facts) => {
        facts.delete("pack");
        facts.delete("user");
        drafts.clear();
        for (const one of await wish(operations.getAll())) if (!["waiting", "refused"].includes(one.state)) operations.delete(one.number);
      });
    }

    // What was settled long ago is not kept for ever.
    prune() {
      return this.within(["operations"], "readwrite", async (operations) => {
        for (const one of await wish(operations.getAll())) {
          if (one.settled_at < this.now() - KEPT_MS && !["waiting", "refused"].includes(one.state) && one.told !== false) operations.delete(one.number);
        }
      });
    }

    // Drafts

    saveDraft(id, user, values, more = {}) {
      return this.within(["drafts"], "readwrite", async (drafts) => drafts.put({ id, user, values, saved_at: this.now(), ...more }));
    }

    draft(id) {
      return this.within(["drafts"], "readonly", (drafts) => wish(drafts.get(id)));
    }

    dropDraft(id) {
      return this.within(["drafts"], "readwrite", async (drafts) => drafts.delete(id));
    }
  }

  function patch(pack, { kind, id, values }) {
    const row = pack[PLURAL[kind]]?.find((one) => one.id === id);
    if (row && values) Object.assign(row, values);
  }

  function foresee(pack, { kind, key, fields, target }) {
    const [verb, what] = kind.split("_");
    if (verb === "edit") patch(pack, { kind: what, id: target, values: fields });
    if (kind === "stage") patch(pack, { kind: "deal", id: fields.deal, values: { stage: fields.stage } });
    if (kind === "contact") pack.contacts.push({ ...fields, id: key, waiting: true });
    if (kind === "lead") pack.leads.push({ ...fields, id: key, name: fields.person || fields.company || fields.email || fields.phone, waiting: true });
  }

  globalThis.offline = { Queue };
})();
