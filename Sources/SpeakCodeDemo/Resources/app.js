// SPDX-License-Identifier: GPL-3.0-or-later

import { Player } from "./player.js";

const rate = 16000;
// A reading takes so many seconds: none begins where the code would change within it.
const shortest = 6;

const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

// The authenticator app: it shows a code, new every 30 seconds, and reads it aloud on wish.
export class App {
  #element;
  #words;
  #player = null;
  #timer = null;
  #number = null;

  constructor(element) {
    this.#element = element;
    this.#words = JSON.parse(element.dataset.words);
    this.#part("read").addEventListener("click", () => (this.#player ? this.#stop("stopped") : this.#read()));
    this.#tick();
  }

  // The page is another now.
  close() {
    clearTimeout(this.#timer);
    this.#player?.close();
    this.#player = null;
  }

  #part(name) {
    return this.#element.querySelector(`[data-part="${name}"]`);
  }

  async #state() {
    const answer = await fetch("/demo/app");
    return answer.ok ? answer.json() : null;
  }

  async #tick() {
    const state = await this.#state();
    if (state) {
      this.#part("code").textContent = `${state.code.slice(0, 3)} ${state.code.slice(3)}`;
      this.#part("left").value = state.left;
      this.#part("left-text").textContent = this.#words.left.replace("{left}", state.left);
    }
    this.#timer = setTimeout(() => this.#tick(), 1000);
  }

  #say(name) {
    this.#part("status").textContent = this.#words[name];
  }

  #stop(word) {
    this.#player?.close();
    this.#player = this.#number = null;
    this.#part("read").ariaPressed = "false";
    this.#part("caption").hidden = true;
    this.#say(word);
  }

  async #read() {
    const player = (this.#player = new Player(rate));
    player.start();
    this.#part("read").ariaPressed = "true";
    try {
      while (this.#player === player) await this.#readOnce(player);
    } catch {
      if (this.#player === player) this.#stop("failed");
    }
  }

  async #readOnce(player) {
    const state = await this.#state();
    if (state.left < shortest) {
      this.#say("wait");
      return pause(state.left * 1000);
    }
    const answer = await fetch("/demo/app", { method: "POST" });
    const { sound, captions, number } = await answer.json();
    const [samples, { cues }] = await Promise.all([
      fetch(sound).then((answer) => answer.arrayBuffer()).then((bytes) => new Int16Array(bytes)),
      fetch(captions).then((answer) => answer.json()),
    ]);
    if (this.#player !== player) return;
    this.#say(this.#number === null || this.#number === number ? "reading" : "fresh");
    this.#number = number;
    player.flush();
    for (const cue of cues) player.mark(() => this.#caption(cue), Math.max(1, Math.round(cue.start * rate)));
    player.push(samples);
    await new Promise((resume) => {
      player.mark(resume);
      // Closed meanwhile, it plays nothing more.
      player.context.onstatechange = () => player.context.state === "closed" && resume();
    });
  }

  #caption({ text }) {
    const caption = this.#part("caption");
    caption.hidden = false;
    caption.textContent = text;
  }
}
