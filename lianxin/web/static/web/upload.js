// Photos are shown and made smaller before they travel; a voice note is recorded on the page.
(() => {
  "use strict";

  const LX_LONGEST = 2000;
  const LX_LIGHT = 600 * 1024;

  async function lxSmaller(file) {
    if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size < LX_LIGHT) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LX_LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file; // A format the browser cannot read: the server decides.
    }
  }

  const lxHeld = new WeakMap();

  function lxSetFiles(input, files) {
    const bag = new DataTransfer();
    for (const file of files) bag.items.add(file);
    input.files = bag.files;
    lxHeld.set(input, files);
  }

  // A camera gives one picture at a time, and a browser forgets the ones before: what is chosen is added to them.
  function lxAdd(input) {
    const held = lxHeld.get(input) ?? [];
    const isHeld = (file) => held.some((other) => ["name", "size", "lastModified"].every((fact) => other[fact] === file[fact]));
    const chosen = [...input.files].filter((file) => !isHeld(file));
    lxSetFiles(input, input.multiple ? [...held, ...chosen] : [...input.files]);
    return chosen;
  }

  // What a slow phone is still making smaller: sent before, it would travel in its full size.
  const lxShrinking = new Set();
  const lxShrunk = () => Promise.allSettled(lxShrinking);

  // Whatever was added or taken out meanwhile stays as it is.
  async function lxShrink(input, chosen) {
    const small = new Map();
    await Promise.all(chosen.map(async (file) => small.set(file, await lxSmaller(file))));
    lxSetFiles(input, lxHeld.get(input).map((file) => small.get(file) ?? file));
  }

  function lxPreview(file, remove) {
    const line = document.createElement("li");
    const address = URL.createObjectURL(file);
    if (file.type.startsWith("image/")) {
      const picture = document.createElement("img");
      picture.src = address;
      picture.alt = file.name;
      line.append(picture);
    } else if (file.type.startsWith("audio/")) {
      const sound = document.createElement("audio");
      sound.controls = true;
      sound.src = address;
      line.className = "lx-preview-wide";
      line.append(sound);
    } else {
      const name = document.createElement("span");
      name.textContent = file.name;
      line.className = "lx-preview-wide";
      line.append(name);
    }
    line.append(remove);
    return line;
  }

  function lxShowFiles(box) {
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector("[data-previews]");
    const button = box.querySelector("template[data-remove]").content.firstElementChild;
    list.replaceChildren(...[...input.files].map((file, place) => {
      const remove = button.cloneNode(true);
      remove.addEventListener("click", () => {
        lxSetFiles(input, lxHeld.get(input).filter((_, other) => other !== place));
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      return lxPreview(file, remove);
    }));
  }

  document.addEventListener("change", async (event) => {
    const input = event.target;
    const box = input.closest?.("[data-upload-box]");
    if (!box || input.type !== "file") return;
    const chosen = lxAdd(input);
    lxShowFiles(box);
    if (input.dataset.upload !== "photo" || !chosen.length) return;
    const shrinking = lxShrink(input, chosen);
    lxShrinking.add(shrinking);
    await shrinking.finally(() => lxShrinking.delete(shrinking));
    lxShowFiles(box);
    // For whoever else listens: the draft.
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  Object.assign(window.lianxin, { setFiles: lxSetFiles, showFiles: lxShowFiles, shrunk: lxShrunk });

  function lxClock(seconds) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  class LxRecorder {
    constructor(box) {
      this.box = box;
      this.input = box.querySelector("input[type=file]");
      this.idle = box.querySelector("[data-when-idle]");
      this.busy = box.querySelector("[data-when-recording]");
      this.pad = box.querySelector(".lx-upload-pad");
      this.pad.hidden = true;
      box.querySelector("[data-recorder]").hidden = false;
      box.querySelector("[data-record]").addEventListener("click", () => (this.recorder ? this.recorder.stop() : this.start()));
    }

    async start() {
      let sound;
      try {
        sound = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        this.pad.hidden = false;
      window.lianxin.notice(window.lianxin.words.noMicrophone, "orange");
        return;
      }
      const parts = [];
      this.recorder = new MediaRecorder(sound);
      this.recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      this.recorder.addEventListener("stop", () => this.keep(sound, parts));
      this.recorder.start();
      this.show(true);
    }

    keep(sound, parts) {
      for (const track of sound.getTracks()) track.stop();
      const type = this.recorder.mimeType.split(";")[0];
      this.recorder = null;
      this.show(false);
      lxSetFiles(this.input, [new File(parts, `voice.${type.split("/")[1]}`, { type })]);
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    show(recording) {
      this.idle.hidden = recording;
      this.busy.hidden = !recording;
      this.box.querySelector("[data-recorder]").classList.toggle("lx-recording", recording);
      clearInterval(this.ticking);
      if (!recording) return;
      const began = Date.now();
      const clock = this.box.querySelector("[data-clock]");
      this.ticking = setInterval(() => { clock.value = lxClock(Math.floor((Date.now() - began) / 1000)); }, 500);
    }
  }

  function lxFindRecorders(root) {
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return;
    for (const box of root.querySelectorAll("[data-upload-box=voice]:not([data-ready])")) {
      box.dataset.ready = "1";
      new LxRecorder(box);
    }
  }
  lxFindRecorders(document);
  document.addEventListener("htmx:load", (event) => lxFindRecorders(event.detail.elt));
})();
