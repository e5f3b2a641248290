// SPDX-License-Identifier: GPL-3.0-or-later

import { Player } from "./player.js";

const rate = 16000;
const address = "/demo/telephone";

const post = (fields) => fetch(address, { method: "POST", body: new URLSearchParams(fields) });

// The telephone on the page: it rings when the service places a call, and who takes it hears the service over a WebSocket.
export class Telephone {
  #element;
  #words;
  // The call that is told of, the one that this page has taken, and its connection.
  #call = null;
  #mine = null;
  #socket = null;
  #player = null;
  #ring = null;
  #state = "idle";
  #shown = "";
  #timer = null;

  constructor(element) {
    this.#element = element;
    this.#words = JSON.parse(element.dataset.words);
    this.isOutside = "outside" in element.dataset;
    element.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.#press(button);
    });
    // Who closes the page hangs up.
    addEventListener("pagehide", () => {
      if (this.#mine) navigator.sendBeacon(address, new URLSearchParams({ do: "hang-up", id: this.#mine }));
    });
    if (!this.isOutside) this.#makeKeys();
    this.#showClock();
  }

  // Asks how the call is.
  async look() {
    const mine = this.#mine ? `?mine=${encodeURIComponent(this.#mine)}` : "";
    const answer = await fetch(address + mine);
    if (!answer.ok) return null;
    const news = await answer.json();
    this.#update(news);
    this.#showClock();
    return news;
  }

  get isRinging() {
    return this.#state === "ringing";
  }

  focusAnswer() {
    this.#button("answer").focus();
  }

  #update({ call, id, outcome }) {
    if (call === "none") {
      // The site has hung up.
      if (!["idle", "ended"].includes(this.#state)) this.#end("ended");
      this.#call = null;
      return;
    }
    if (id !== this.#call) {
      this.#close();
      [this.#call, this.#mine] = [id, null];
      if (call === "ended") return this.#show(this.#state === "idle" ? "idle" : "ended");
    }
    switch (call) {
      case "queued":
        if (this.#state !== "connecting") this.#show("queued");
        break;
      case "ringing":
        // What was asked before it was taken here is old news.
        if (!["ringing", "connecting", "answered"].includes(this.#state)) this.#startRinging();
        break;
      case "answered":
        if (this.#mine === null && this.#state !== "connecting") this.#show(this.isOutside ? "answered" : "elsewhere");
        break;
      case "ended":
        if (!["idle", "ended"].includes(this.#state)) this.#end(Telephone.#ending(outcome));
        break;
    }
  }

  static #ending(outcome) {
    const endings = { rejected: "declined", "no-answer": "missed", canceled: "missed", busy: "busy", completed: "ended" };
    return endings[outcome] ?? "failed";
  }

  // MARK: Calls

  #press(button) {
    if (button.dataset.key) return this.#socket?.send(JSON.stringify({ key: button.dataset.key }));
    switch (button.dataset.do) {
      case "answer": return this.#answer();
      case "decline": return this.#hangUp("declined");
      case "hang-up": return this.#hangUp("ended");
      case "captions": return this.#toggle(button, "captions", "aria-pressed");
      case "keys": return this.#toggle(button, "keys", "aria-expanded");
    }
  }

  #startRinging() {
    this.#show("ringing");
    if (this.isOutside) return;
    // Ready before it is taken, so that the first word comes at once.
    this.#player = new Player(rate, (_, peak) => this.#element.style.setProperty("--level", String(peak)));
    if (navigator.userActivation?.hasBeenActive) this.#ring = ringing();
  }

  async #answer() {
    performance.clearMarks();
    performance.mark("answered");
    const call = this.#call;
    const player = (this.#player ??= new Player(rate));
    player.onFirstSound = () => performance.measure("from the tap to the first word", "answered");
    this.#ring?.();
    const started = player.start();
    this.#show("connecting");
    const answer = await post({ do: "answer", id: call });
    if (!answer.ok) {
      this.#close();
      return this.#show("elsewhere");
    }
    const { media } = await answer.json();
    this.#mine = call;
    await started;
    this.#listen(media, player);
  }

  #listen(media, player) {
    const socket = new WebSocket(`ws://${location.host}${media}`, "speakcode.browser");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ listen: rate }));
      this.#show("answered");
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return player.push(new Int16Array(data));
      const words = JSON.parse(data);
      if (words.flush) player.flush();
      else player.mark(() => this.#caption(words));
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#hangUp("ended");
    };
  }

  #hangUp(state) {
    const call = this.#mine ?? this.#call;
    this.#end(state);
    if (call) post({ do: "hang-up", id: call });
  }

  #end(state) {
    this.#close();
    this.#show(state);
  }

  #close() {
    this.#ring?.();
    const socket = this.#socket;
    this.#socket = this.#ring = this.#mine = null;
    socket?.close(1000);
    this.#player?.close();
    this.#player = null;
  }

  // MARK: What is shown

  #part(name) {
    return this.#element.querySelector(`[data-part="${name}"]`);
  }

  #button(name) {
    return this.#element.querySelector(`button[data-do="${name}"]`);
  }

  #show(state) {
    const isEnd = ["declined", "missed", "failed", "busy", "ended"].includes(state);
    this.#state = isEnd ? "ended" : state;
    const hadFocus = this.#element.contains(document.activeElement);
    this.#element.dataset.state = this.#state;
    this.#part("status").textContent = this.#words[state];
    const isAnswered = state === "answered";
    this.#button("hang-up").hidden = !["answered", "connecting"].includes(state)
      && !(this.isOutside && state === "ringing");
    if (!this.isOutside) {
      this.#part("caller").textContent = state === "idle" || isEnd ? "" : this.#words.unknown;
      this.#button("answer").hidden = this.#button("decline").hidden = state !== "ringing";
      this.#part("toggles").hidden = !isAnswered;
      this.#part("captions").hidden = !isAnswered || this.#button("captions").ariaPressed !== "true";
      this.#part("keys").hidden = !isAnswered || this.#button("keys").ariaExpanded !== "true";
      this.#part("lasting").hidden = !isAnswered;
      this.#count(isAnswered);
      if (!isAnswered) this.#caption({ phrase: "" });
      if (hadFocus) this.#keepFocus(state);
    }
    if (state === "ringing") document.title = `${this.#words.ringing} – ${document.title.split(" – ").pop()}`;
  }

  // Whoever has taken a call by the keyboard is at the button that ends it, and behind a call at the site's form.
  #keepFocus(state) {
    if (["connecting", "answered"].includes(state)) return this.#button("hang-up").focus();
    // A button that is hidden keeps the focus for a moment, and then nobody has it.
    const active = document.activeElement;
    if (this.#element.contains(active) && active.getClientRects().length > 0) return;
    (document.querySelector("main input:not([type=hidden])") ?? document.querySelector("main h1"))?.focus();
  }

  #count(isAnswered) {
    clearInterval(this.#timer);
    if (!isAnswered) return;
    const began = Date.now();
    const lasting = this.#part("lasting");
    const show = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      lasting.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    show();
    this.#timer = setInterval(show, 1000);
  }

  #showClock() {
    const clock = this.#part("clock");
    if (clock) clock.textContent = new Date().toTimeString().slice(0, 5);
  }

  #toggle(button, name, attribute) {
    const isOn = button.getAttribute(attribute) !== "true";
    button.setAttribute(attribute, String(isOn));
    this.#part(name).hidden = !isOn;
  }

  #caption({ phrase, symbol, position }) {
    if (this.isOutside) return;
    if (symbol !== undefined) {
      this.#shown = position === 0 ? symbol : this.#shown + symbol;
      this.#part("digits").textContent = this.#shown;
    } else {
      this.#part("phrase").textContent = phrase;
      if (!phrase) this.#part("digits").textContent = this.#shown = "";
    }
  }

  #makeKeys() {
    const keys = [..."123456789*0#"].map((key) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.key = key;
      const sign = document.createElement("span");
      sign.textContent = key;
      const hint = document.createElement("small");
      hint.textContent = this.#words[`key-${key}`] ?? "";
      button.append(sign, hint);
      return button;
    });
    this.#part("keys").append(...keys);
  }
}

// A telephone's bell, as Japan's exchanges ring: 400 Hz, shaken 16 times a second, a second in three. Returns what ends it.
function ringing() {
  const context = new AudioContext();
  const [tone, shake, depth, bell] = [
    context.createOscillator(), context.createOscillator(), context.createGain(), context.createGain(),
  ];
  [tone.frequency.value, shake.frequency.value, depth.gain.value, bell.gain.value] = [400, 16, 0.03, 0];
  shake.connect(depth).connect(bell.gain);
  tone.connect(bell).connect(context.destination);
  for (let second = 0; second < 90; second += 3) {
    bell.gain.setValueAtTime(0.04, context.currentTime + second);
    bell.gain.setValueAtTime(0, context.currentTime + second + 1);
    depth.gain.setValueAtTime(0.03, context.currentTime + second);
    depth.gain.setValueAtTime(0, context.currentTime + second + 1);
  }
  tone.start();
  shake.start();
  return () => {
    if (context.state !== "closed") context.close();
  };
}
