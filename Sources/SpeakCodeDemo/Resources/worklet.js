// SPDX-License-Identifier: GPL-3.0-or-later

// Plays 16-bit samples one after the other, exactly as they came, and tells how far it is.
class Samples extends AudioWorkletProcessor {
  constructor() {
    super();
    this.pieces = [];
    this.offset = 0;
    this.played = 0;
    this.epoch = 0;
    this.blocks = 0;
    this.port.onmessage = ({ data }) => {
      if (data.samples) {
        this.pieces.push(data.samples);
      } else {
        // All that has not been heard yet is thrown away.
        this.pieces = [];
        this.offset = this.played = 0;
        this.epoch = data.epoch;
      }
    };
  }

  process(inputs, outputs) {
    const out = outputs[0][0];
    let [count, peak] = [0, 0];
    while (count < out.length && this.pieces.length > 0) {
      const piece = this.pieces[0];
      while (count < out.length && this.offset < piece.length) {
        const sample = piece[this.offset++] / 32768;
        peak = Math.max(peak, Math.abs(sample));
        out[count++] = sample;
      }
      if (this.offset === piece.length) {
        this.pieces.shift();
        this.offset = 0;
      }
    }
    this.played += count;
    this.blocks += 1;
    if (this.blocks % 4 === 0 || peak > 0 !== this.sounds) {
      this.sounds = peak > 0;
      this.port.postMessage({ epoch: this.epoch, played: this.played, peak, isEmpty: this.pieces.length === 0 });
    }
    return true;
  }
}

registerProcessor("samples", Samples);
