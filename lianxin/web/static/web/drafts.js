// A form with data-draft survives a lost signal: what is typed is kept on the phone, and sent once.
// The server knows a report by its client_token, so sending it twice still opens one case.
(() => {
  "use strict";

  const LX_TOKEN = "client_token";
  const LX_CSRF = "csrfmiddlewaretoken";
  const LX_DAYS = 7;
  const { words: lxWords, notice: lxNotice, setFiles: lxSetFiles, showFiles: lxShowFiles } = window.lianxin;

  class LxStore {
    static open() {
      return new Promise((done, fail) => {
        const asked = indexedDB.open("lianxin", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    }

    static async run(mode, deed) {
      const database = await LxStore.open();
      return new Promise((done, fail) => {
        const change = database.transaction("drafts", mode);
        const asked = deed(change.objectStore("drafts"));
        change.oncomplete = () => { database.close(); done(asked.result); };
        change.onerror = () => { database.close(); fail(change.error); };
      });
    }

    static put(record) { return LxStore.run("readwrite", (store) => store.put(record)); }
    static get(key) { return LxStore.run("readonly", (store) => store.get(key)); }
    static all() { return LxStore.run("readonly", (store) => store.getAll()); }
    static remove(key) { return LxStore.run("readwrite", (store) => store.delete(key)); }
  }

  // A file field that was left alone gives a file without a name; one with a name is sent even when it is empty, to be told.
  function lxFields(form) {
    return [...new FormData(form)].filter(([name, value]) => name !== LX_CSRF && !(value instanceof File && !value.name));
  }

  function lxRecord(form, state) {
    const token = form.elements[LX_TOKEN].value;
    const key = state === "waiting" ? `waiting:${token}` : `draft:${form.dataset.draft}`;
    return { key, state, token, name: form.dataset.draft, action: form.action, fields: lxFields(form), at: Date.now() };
  }

  function lxFill(form, fields) {
    const files = new Map();
    const filled = new Map();
    for (const [name, value] of fields) {
      if (!form.elements[name] || name === LX_TOKEN) continue;
      if (value instanceof File) {
        files.set(name, [...(files.get(name) ?? []), value]);
        continue;
      }
      // Several hazards at once are several fields of one name: each value goes where it stood.
      const several = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
      const place = filled.get(name) ?? 0;
      filled.set(name, place + 1);
      if (["radio", "checkbox"].includes(several[0].type)) lxTick(several, value);
      else if (several[place]) several[place].value = value;
    }
    for (const [name, several] of files) {
      const input = form.elements[name];
      lxSetFiles(input, several);
      const box = input.closest("[data-upload-box]");
      if (box) lxShowFiles(box);
    }
  }

  function lxTick(boxes, value) {
    for (const box of boxes) if (box.value === value) box.checked = true;
  }

  function lxDraftNote(form, sentence, withForget) {
    const note = form.querySelector("[data-draft-note]");
    note.textContent = sentence;
    note.hidden = false;
    if (!withForget) return;
    const forget = document.createElement("button");
    forget.type = "button";
    forget.className = "btn lx-btn lx-btn-quiet lx-btn-small";
    forget.textContent = lxWords.draftForget;
    forget.addEventListener("click", async () => {
      await LxStore.remove(`draft:${form.dataset.draft}`);
      location.reload();
    });
    note.append(forget);
  }

  // A page kept by the service worker carries one token for every opening; two reports must not share it.
  function lxFreshToken(form) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    form.elements[LX_TOKEN].value = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  async function lxRestore(form) {
    const draft = await LxStore.get(`draft:${form.dataset.draft}`);
    if (form.querySelector(".lx-faults, [role=alert]")) {
      // The server sends back the words but never the photos: these come from here.
      const files = draft?.token === form.elements[LX_TOKEN].value ? draft.fields : [];
      lxFill(form, files.filter(([, value]) => value instanceof File));
      return;
    }
    lxFreshToken(form);
    if (!draft) return;
    // Sent already, and no answer came: it may have arrived, so it is sent as the same report.
    if (await LxStore.get(`waiting:${draft.token}`)) form.elements[LX_TOKEN].value = draft.token;
    lxFill(form, draft.fields);
    lxDraftNote(form, lxWords.draftRestored, true);
  }

  function lxKeep(form) {
    let timer = 0;
    const keep = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (!form.dataset.gone) LxStore.put(lxRecord(form, "draft")); }, 400);
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
  }

  // Show the answer in the page's place, as the browser would have: a receipt is shown nowhere else and must not be lost.
  async function lxShowAnswer(response) {
    const html = await response.text();
    history.replaceState(null, "", response.url);
    history.scrollRestoration = "manual";
    document.open();
    document.write(html);
    document.close();
    // The old page's place on the screen is nothing to the new one: a receipt must not begin under the header.
    const top = () => window.scrollTo({ top: 0, behavior: "instant" });
    window.addEventListener("load", top);
    top();
    setTimeout(top, 100);
  }

  // What the server said for good: another try would say the same. An expired page or too many tries may wait.
  function lxIsAnswer(response) {
    if (response.ok || [409, 413, 422].includes(response.status)) return true;
    return response.status !== 429 && response.headers.has("X-Refused");
  }

  function lxCurrentToken() {
    return document.querySelector(`input[name=${LX_CSRF}]`)?.value ?? "";
  }

  // The answer, when the server took it or says what is wrong with it; nothing when it has to wait.
  async function lxSend(record) {
    const body = new FormData();
    for (const [name, value] of record.fields) body.append(name, value);
    body.append(LX_CSRF, lxCurrentToken());
    try {
      const response = await fetch(record.action, { method: "POST", body, credentials: "same-origin" });
      return lxIsAnswer(response) ? response : null;
    } catch {
      return null;
    }
  }

  let lxSending = false;
  async function lxSendWaiting(record) {
    if (lxSending) return;
    lxSending = true;
    const response = await lxSend(record);
    lxSending = false;
    const draft = `draft:${record.name}`;
    if (!response) {
      // Whoever opens the page afresh finds it again, under the same token.
      await LxStore.put({ ...record, key: draft, state: "draft" });
      lxNotice(lxWords.sentFailed, "orange");
      return;
    }
    await LxStore.remove(record.key);
    if (response.ok) await LxStore.remove(draft);
    else await LxStore.put({ ...record, key: draft, state: "draft" });
    await lxShowAnswer(response);
  }

  // A slow connection takes its time: whoever pressed sees that it is on its way, and cannot press again meanwhile.
  function lxShowSending(button) {
    const label = button?.querySelector("span");
    if (!label) return () => {};
    const usual = label.textContent;
    label.textContent = lxWords.sending;
    button.disabled = true;
    return () => { label.textContent = usual; button.disabled = false; };
  }

  // What the server would only say once all photos have travelled: the field that has to be filled in unless another is.
  function lxLacks(form) {
    const sent = [...new FormData(form)].map(([name, value]) => (name === "chosen_place" ? value.split(":") : [name, value]));
    const told = new Set(sent.filter(([, value]) => value instanceof File || value.trim()).map(([name]) => name));
    return [...form.querySelectorAll("[data-unless]")].find((field) => !field.dataset.unless.split(" ").some((name) => told.has(name)));
  }

  function lxAskFor(field) {
    field.setCustomValidity(field.dataset.unlessWords);
    field.form.addEventListener("input", () => field.setCustomValidity(""), { once: true });
    field.scrollIntoView({ block: "center" });
    field.reportValidity();
  }

  let lxPreparing = false;
  async function lxSubmit(event, form) {
    event.preventDefault();
    event.stopImmediatePropagation();
    // A button with a name of its own looks for a place: it sends nothing, nor does the Enter key in its field.
    if (event.submitter?.name) {
      event.submitter.parentElement.querySelector("input")?.dispatchEvent(new Event("search"));
      return;
    }
    if (lxPreparing) return;
    const lacking = lxLacks(form);
    if (lacking) { lxAskFor(lacking); return; }
    lxPreparing = true;
    const sent = lxShowSending(event.submitter);
    await window.lianxin.shrunk();
    lxPreparing = false;
    form.dataset.gone = "1";
    const record = lxRecord(form, "waiting");
    await LxStore.put(record);
    if (navigator.onLine) {
      await lxSendWaiting(record);
      sent();
      delete form.dataset.gone;
    } else {
      sent();
      await LxStore.remove(`draft:${form.dataset.draft}`);
      lxDraftNote(form, lxWords.draftWaiting, false);
      form.querySelector("[data-draft-note]").scrollIntoView({ block: "center" });
    }
    await lxShowOutbox();
  }

  async function lxWaiting() {
    const records = await LxStore.all();
    const old = Date.now() - LX_DAYS * 86400000;
    for (const record of records) if (record.state === "draft" && record.at < old) LxStore.remove(record.key);
    return records.filter((record) => record.state === "waiting");
  }

  async function lxShowOutbox() {
    const waiting = await lxWaiting();
    const line = document.querySelector("[data-outbox]");
    line.hidden = !waiting.length || !navigator.onLine;
    line.querySelector("[data-outbox-count]").value = waiting.length;
  }

  async function lxBackOnline() {
    const waiting = await lxWaiting();
    const here = waiting.find((record) => document.querySelector(`input[name=${LX_TOKEN}][value="${CSS.escape(record.token)}"]`));
    if (here) await lxSendWaiting(here);
    await lxShowOutbox();
  }

  if (window.indexedDB) {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      lxRestore(form);
      lxKeep(form);
      form.addEventListener("submit", (event) => lxSubmit(event, form));
    }
    document.querySelector("[data-outbox-send]").addEventListener("click", async () => {
      const [first] = await lxWaiting();
      if (first) await lxSendWaiting(first);
    });
    addEventListener("online", lxBackOnline);
    addEventListener("offline", lxShowOutbox);
    lxShowOutbox();
  }
})();
