// SPDX-License-Identifier: GPL-3.0-or-later

// Plays samples as they come, and says at which of them it is.
export class Player {
  #node;
  #waiting = [];
  #epoch = 0;
  #pushed = 0;
  #marks = [];
  #played = 0;
  #isSilent = true;

  // rate: samples a second. onPlayed: told how many samples were played and how loud it is, many times a second.
  constructor(rate, onPlayed = () => {}) {
    this.context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.onPlayed = onPlayed;
    this.onFirstSound = () => {};
    this.ready = this.#prepare();
  }

  async #prepare() {
    await this.context.audioWorklet.addModule("/demo/worklet.js");
    this.#node = new AudioWorkletNode(this.context, "samples", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }) => this.#heard(data);
    this.#node.connect(this.context.destination);
    for (const message of this.#waiting) this.#node.port.postMessage(message);
    this.#waiting = [];
  }

  // To be called by a click: browsers play nothing before one.
  start() {
    return this.context.resume();
  }

  push(samples) {
    this.#pushed += samples.length;
    this.#post({ samples });
  }

  // Has something done when all is heard that was pushed before.
  mark(action, at = this.#pushed) {
    this.#marks.push({ at, action });
  }

  // Throws away what has not been heard, and marks with it.
  flush() {
    this.#epoch += 1;
    this.#pushed = this.#played = 0;
    this.#marks = [];
    this.#post({ epoch: this.#epoch });
  }

  close() {
    this.#marks = [];
    if (this.context.state !== "closed") this.context.close();
  }

  #post(message) {
    if (this.#node) this.#node.port.postMessage(message);
    else this.#waiting.push(message);
  }

  #heard({ epoch, played, peak }) {
    if (epoch !== this.#epoch) return;
    this.#played = played;
    if (this.#isSilent && peak > 0) {
      this.#isSilent = false;
      this.onFirstSound();
    }
    const due = this.#marks.filter(({ at }) => at <= played);
    this.#marks = this.#marks.filter(({ at }) => at > played);
    for (const { action } of due) action();
    this.onPlayed(played, peak);
  }
}
