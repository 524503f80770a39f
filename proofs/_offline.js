// One random life of two devices of the same person, on the queue that phones run: `static/js/queue.js` with the
// transport of `static/js/offline.js`. Only the network fails here and clocks lie; everything else is the product.
({
  async live(plan) {
    const { random, chance, pick } = this.dice(plan.seed);
    const devices = ["a", "b"].map((letter) => this.device(plan, letter, random));
    for (const one of devices) await this.connect(one, plan, true);
    for (let step = 0; step < plan.steps; step += 1) {
      const one = pick(devices);
      const dice = random();
      if (dice < 0.62) await this.make(one, plan, random, pick);
      else if (dice < 0.82) await this.connect(one, plan, chance(0.7));
      else if (dice < 0.88) await Promise.all(devices.map((each) => this.connect(each, plan, false)));
      else if (dice < 0.94) one.restart();
      else one.skew += (random() - 0.4) * 3 * 864e5;
    }
    return this.settle(plan, devices);
  },

  // After a real kill: the same stores, opened by a page that knows nothing of what went before.
  async resume(plan) {
    const { random } = this.dice(plan.seed + 1);
    return this.settle(plan, ["a", "b"].map((letter) => this.device(plan, letter, random)));
  },

  async settle(plan, devices) {
    const told = [];
    for (const one of devices) {
      one.faults = false;
      one.restart();
      const clean = await one.queue.flush(plan.user);
      const made = await one.queue.all(plan.user);
      told.push({ clean, counts: await one.queue.counts(plan.user), acknowledged: one.acknowledged, made });
      await one.queue.close();
    }
    return told;
  },

  // Only once the caller has heard all: a page that dies before must find everything again.
  forget(plans) {
    for (const plan of plans) for (const letter of ["a", "b"]) indexedDB.deleteDatabase(`proof-${plan.name}-${letter}`);
  },

  dice(seed) {
    let state = seed >>> 0;
    const random = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    return { random, chance: (share) => random() < share, pick: (list) => list[Math.floor(random() * list.length)] };
  },

  device(plan, letter, random) {
    const one = {
      name: `proof-${plan.name}-${letter}`, letter, faults: true, acknowledged: [], word: 0,
      skew: (random() - 0.5) * 20 * 365 * 864e5, queue: null, killed: null,
    };
    one.restart = () => {
      let kill;
      one.killed = new Promise((resolve) => { kill = resolve; });
      const send = async (parcel, photo) => {
        const fault = one.faults ? random() : 1;
        if (fault < 0.12) throw new Error("the request was lost");
        if (fault < 0.18) { kill(); return new Promise(() => {}); }
        const answer = await offline.send(parcel, photo);
        if (fault < 0.3) throw new Error("the answer was lost");
        if (fault < 0.38) { kill(); return new Promise(() => {}); }
        return answer;
      };
      one.queue = new offline.Queue({ name: one.name, send, now: () => Date.now() + one.skew });
    };
    one.restart();
    return one;
  },

  async connect(one, plan, refreshes) {
    const sent = await Promise.race([one.queue.flush(plan.user), one.killed.then(() => "killed")]);
    if (sent === "killed") return one.restart();
    if (!refreshes) return;
    const answer = await fetch("/api/v1/offline/pack/");
    if (answer.ok) await one.queue.keepPack(await answer.json());
  },

  async make(one, plan, random, pick) {
    const word = () => `${plan.name}${one.letter}${(one.word += 1)}`;
    const whom = { account: plan.account };
    const add = (kind, fields, more = {}) => one.queue.add({ kind, fields, user: plan.user, ...more });
    const edit = (kind, target, names) => one.queue.edit({ kind, target, user: plan.user, fields: Object.fromEntries(names.map((name) => [name, word()])) });
    const pack = await one.queue.view();
    const kinds = {
      note: () => add("note", { ...whom, text: word() }),
      visit: () => add("visit", { ...whom, outcome: "interested", text: word() }),
      task: () => add("task", { ...whom, next_step: word(), next_step_on: "2031-05-01" }),
      lead: () => add("lead", { person: word() }),
      ticket_note: () => add("ticket_note", { ticket: plan.ticket, body: word() }),
      wrong: () => add("visit", { ...whom, text: word() }),
      account: () => edit("edit_account", plan.account, pick([["phone"], ["city"], ["phone", "city"]])),
      deal: () => edit("edit_deal", plan.deal, ["title"]),
      stage: () => {
        const deal = pack.deals.find((row) => row.id === plan.deal);
        const stage = pick(plan.stages.filter((each) => each !== deal.stage));
        return add("stage", { deal: plan.deal, stage }, { base: { stage: deal.stage, version: deal.version } });
      },
    };
    const free = ["note", "visit", "task", "lead", "ticket_note", "wrong"];
    const made = await kinds[pick(pack ? [...free, "account", "account", "account", "deal", "deal", "stage", "stage"] : free)]();
    if (!made) return;
    one.acknowledged.push(made.key);
    await window.acknowledge?.(made.key);
  },
})
