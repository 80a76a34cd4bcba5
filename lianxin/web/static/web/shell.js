// What every page does beside its HTML. All of it is comfort: each page works without it.
(() => {
  "use strict";

  document.documentElement.classList.add("lx-script");

  const lxWords = document.getElementById("lx-words")?.dataset ?? {};
  window.lianxin = { words: lxWords, notice: lxNotice };

  function lxNotice(sentence, tone = "red") {
    const place = document.getElementById("lx-notices");
    if (!place || !sentence) return;
    const box = document.createElement("div");
    box.className = `lx-alert lx-tone-${tone}`;
    box.setAttribute("role", tone === "red" ? "alert" : "status");
    const words = document.createElement("p");
    words.className = "lx-alert-title";
    words.textContent = sentence;
    const body = document.createElement("div");
    body.append(words);
    box.append(body);
    place.replaceChildren(box);
    place.scrollIntoView({ block: "nearest" });
  }

  // An answer that is no page fragment must not be put into a list or a form: 422 and 409 are fragments, and an
  // error partial says itself where it wants to go.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400) return;
    const ours = xhr.status === 422 || xhr.status === 409 || xhr.getResponseHeader("HX-Retarget");
    event.detail.shouldSwap = Boolean(ours);
    event.detail.isError = !ours;
    if (!ours) lxNotice(lxWords.noAnswer);
  });
  document.addEventListener("htmx:sendError", () => lxNotice(lxWords.noAnswer));
  document.addEventListener("htmx:timeout", () => lxNotice(lxWords.noAnswer));

  // On a phone the tab one is on may lie beyond the edge.
  document.querySelectorAll(".lx-tabs").forEach((tabs) => {
    const here = tabs.querySelector("[aria-current]");
    if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
  });

  // A passkey that was refused, cancelled or is not there: the library only tells the console.
  document.addEventListener("allauth.error", (event) => {
    if (!event.detail.tags.includes("webauthn")) return;
    event.preventDefault();
    lxNotice(lxWords.noPasskey);
  });

  // A form that comes back with faults is read from its summary.
  function lxFocusFaults(root) {
    root.querySelector?.("[data-focus]")?.focus();
  }
  document.addEventListener("htmx:afterSwap", (event) => lxFocusFaults(event.detail.elt));

  // One press, one sending: a second press on a slow line would only confuse.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) {
      event.preventDefault();
      location.reload();
    }
    if (event.target.closest("[data-print]")) print();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => copy.classList.add("lx-copied"));
    // An open panel closes when the eye goes elsewhere, unless something in it has been filled in.
    for (const panel of document.querySelectorAll("details.lx-menu[open]")) {
      if (!panel.contains(event.target)) panel.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const panel = event.target.closest?.("details.lx-confirm[open], details.lx-menu[open]");
    if (panel) {
      panel.open = false;
      panel.querySelector("summary").focus();
    }
  });

  function lxShowSignal() {
    const line = document.querySelector("[data-offline]");
    if (line) line.hidden = navigator.onLine;
  }
  addEventListener("online", lxShowSignal);
  addEventListener("offline", lxShowSignal);
  lxShowSignal();
  lxFocusFaults(document);

  if ("serviceWorker" in navigator && isSecureContext) {
    navigator.serviceWorker.register(document.body.dataset.workerScript).catch(() => undefined);
  }
})();
