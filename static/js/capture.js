// What a phone adds by a tap: that somebody was there and about where, what they say of it, and photos that others can
// read. The place is asked for at that tap and never else, roughly, and rounded to a hundred metres before it leaves the
// phone; the microphone listens from one tap to the next. A no is an answer like another.
"use strict";

(() => {
  const PATIENCE_MS = 10000;
  const FRESH_MS = 5 * 60e3;
  const DECIMALS = 3;
  const SOUNDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  const BITS_A_SECOND = 32000;
  const SIDE = 1600;
  const words = document.getElementById("capture-words").dataset;
  const said = new Map();

  const clock = (moment) => new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const length = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const changed = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));
  const addressOf = (form) => form.getAttribute("hx-post") || form.dataset.draft || window.location.href;

  // One row for all of them, where the first one stands.
  function button(input, name) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button" });
    const text = document.createElement("span");
    made.dataset.fills = input.id;
    made.append(ui.icon(name), text);
    const row = input.form.querySelector(".field--tapped:has(button)") || input.closest(".field");
    row.append(made);
    return { made, say: (told) => { text.textContent = told; } };
  }

  // Being there

  function where() {
    return new Promise((resolve) => {
      if (!navigator.geolocation) return resolve(null);
      navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), () => resolve(null), { enableHighAccuracy: false, timeout: PATIENCE_MS, maximumAge: FRESH_MS });
    });
  }

  // One tap writes the moment at once and the place when it comes; another one takes both back.
  function checkIn(input) {
    const { made, say } = button(input, "map-pin");
    let asking = "";
    const show = () => {
      const [at, place] = input.value.split(" ");
      made.setAttribute("aria-pressed", String(Boolean(at)));
      const about = asking && asking === input.value ? words.asking : place ? words.placed : words.unplaced;
      say(at ? `${words.checked.replace("0", clock(at))} · ${about}` : words.here);
    };
    made.addEventListener("click", async () => {
      const at = asking = input.value = input.value ? "" : new Date().toISOString();
      show();
      changed(input);
      const found = at && await where();
      if (!at || input.value !== at) return;
      asking = "";
      if (found) input.value = [at, found.latitude.toFixed(DECIMALS), found.longitude.toFixed(DECIMALS), Math.round(found.accuracy)].join(" ");
      show();
      changed(input);
    });
    input.form.addEventListener("draft-restored", show);
    show();
  }

  // Saying it

  function fill(input, file) {
    const held = new DataTransfer();
    if (file) held.items.add(file);
    input.files = held.files;
  }

  function record(input) {
    if (!window.MediaRecorder || !navigator.mediaDevices?.getUserMedia) return;
    const { form } = input;
    const most = Number(input.dataset.record);
    const seconds = form.elements.recording_seconds;
    const { made, say } = button(input, "microphone");
    let running = null;

    const show = () => {
      made.setAttribute("aria-pressed", String(Boolean(running || input.files.length)));
      say(running ? words.recording.replace("0", length(running.passed)) : input.files.length ? words.recorded.replace("0", length(Number(seconds.value))) : words.record);
    };

    const keep = (file, passed) => {
      fill(input, file);
      seconds.value = file ? passed : "";
      if (file) said.set(addressOf(form), { file, passed });
      else said.delete(addressOf(form));
      show();
    };

    async function begin() {
      const mimeType = SOUNDS.find((one) => MediaRecorder.isTypeSupported(one));
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_A_SECOND });
      const parts = [];
      const one = running = { passed: 0, began: Date.now(), recorder };
      one.tick = setInterval(() => {
        one.passed = Math.min(Math.round((Date.now() - one.began) / 1000), most);
        if (one.passed >= most && recorder.state === "recording") recorder.stop();
        show();
      }, 250);
      one.over = new Promise((resolve) => {
        recorder.addEventListener("dataavailable", ({ data }) => data.size && parts.push(data));
        recorder.addEventListener("stop", () => {
          clearInterval(one.tick);
          stream.getTracks().forEach((track) => track.stop());
          running = null;
          const type = recorder.mimeType.split(";")[0];
          keep(parts.length ? new File(parts, "recording", { type }) : null, one.passed);
          resolve();
        });
      });
      recorder.start(1000);
      show();
    }

    made.addEventListener("click", async () => {
      if (running) return running.recorder.stop();
      if (input.files.length) return keep(null);
      try { await begin(); } catch { ui.toast(words.mute, "warn"); }
    });

    // Who saves while it runs has said all; who leaves the sheet has said nothing.
    window.addEventListener("submit", async (event) => {
      if (event.target !== form || !running) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { over, recorder } = running;
      recorder.stop();
      await over;
      form.requestSubmit(event.submitter);
    }, true);
    form.closest("dialog")?.addEventListener("close", () => running?.recorder.stop(), { once: true });

    const before = said.get(addressOf(form));
    if (before) keep(before.file, before.passed);
    show();
  }

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.requestConfig.elt.closest("form");
    if (form && detail.requestConfig.verb === "post" && detail.xhr.status >= 200 && detail.xhr.status < 400) said.delete(addressOf(form));
  });

  // A photo that only its maker's devices read becomes one that all do, where this browser can read it.

  async function readable(input) {
    const [file] = input.files;
    if (!file || !/hei[cf]/.test(file.type) && !/\.hei[cf]$/i.test(file.name)) return;
    try {
      const image = await createImageBitmap(file);
      const share = Math.min(1, SIDE / Math.max(image.width, image.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * share), height: Math.round(image.height * share) });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
      fill(input, new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }));
    } catch {
      fill(input, null);
      ui.toast(words.heic, "bad");
    }
  }

  document.addEventListener("change", ({ target }) => { if (target.matches("[type=file][name=photo]")) readable(target); }, true);

  const KINDS = { "input[data-check-in]": checkIn, "input[data-record]": record };

  function enhance(root) {
    for (const [kind, work] of Object.entries(KINDS)) {
      for (const input of root.querySelectorAll(kind)) {
        if (input.dataset.ready) continue;
        input.dataset.ready = "1";
        work(input);
      }
    }
  }

  enhance(document);
  document.addEventListener("htmx:afterSwap", () => enhance(document));

  globalThis.capture = { enhance };
})();
