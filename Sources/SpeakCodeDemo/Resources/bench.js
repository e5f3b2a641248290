// SPDX-License-Identifier: GPL-3.0-or-later

import { Player } from "./player.js";

const rate = 16000;
const at = (name) => document.getElementById(name);
const words = JSON.parse(at("bench").dataset.words);
const page = document.documentElement.lang;
let packs = [];
let player = null;
let sound = null;

const chosen = () => packs.find(({ locale }) => locale === at("locale").value);

// MARK: What can be chosen

function fill(select, values, usual) {
  const before = select.value;
  select.replaceChildren(...values.map(([value, text]) => new Option(text, value)));
  select.value = values.some(([value]) => value === before) ? before : usual;
}

function nameOf({ locale, name }) {
  try {
    return new Intl.DisplayNames([page], { type: "language" }).of(locale) ?? name;
  } catch {
    return name;
  }
}

async function begin() {
  packs = await (await fetch("/demo/packs")).json();
  const named = packs.map((pack) => [pack.locale, `${nameOf(pack)} (${pack.locale})`]);
  named.sort(([, one], [, other]) => one.localeCompare(other, page));
  fill(at("locale"), named, page === "ja" ? "ja-JP" : "en-US");
  chooseLocale();
}

function chooseLocale() {
  const pack = chosen();
  const usual = pack.styles.includes("telephone") ? "telephone" : "standard";
  fill(at("style"), pack.styles.map((style) => [style, style]), usual);
  fill(at("template"), pack.templates.map((name) => [name, name]), "standard");
  showCopies();
  showLines();
}

function request() {
  const wanted = { code: at("code").value, locale: at("locale").value };
  if (at("style").value) wanted.style = at("style").value;
  if (at("template").value !== "standard") wanted.template = at("template").value;
  if (at("pacing").value !== "normal") wanted.pacing = { preset: at("pacing").value };
  if (at("voice").value) wanted.voice = at("voice").value;
  return wanted;
}

// MARK: To take along

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function showCopies() {
  const wanted = request();
  const options = [`--locale ${wanted.locale}`];
  if (wanted.style) options.push(`--style ${wanted.style}`);
  if (wanted.template) options.push(`--template ${wanted.template}`);
  if (wanted.pacing) options.push(`--pacing ${wanted.pacing.preset}`);
  if (wanted.voice) options.push(`--voice ${wanted.voice}`);
  at("command").textContent = `speakcode ${quoted(wanted.code)} ${options.join(" ")} --repeat`;
  at("post").textContent =
    `curl -s ${location.origin}/v1/announcements -H 'Accept: text/plain' \\\n    -d ${quoted(JSON.stringify(wanted))}`;
  const body = JSON.stringify({ ...wanted, code: "${CODE}" });
  at("dialplan").textContent = [
    "exten => _X.,1,Answer()",
    " same => n,Set(CURLOPT(httpheader)=Accept: text/plain)",
    ` same => n,Set(URL=\${CURL(${location.origin}/v1/announcements,${body})})`,
    " same => n(again),Playback(${URL})",
    ' same => n,GotoIf($["${PLAYBACKSTATUS}" = "SUCCESS"]?again)',
    " same => n,Hangup()",
  ].join("\n");
}

// MARK: Sound

// The samples of a WAVE of 16 bit.
function samplesOf(bytes) {
  const view = new DataView(bytes);
  let place = 12;
  while (place + 8 <= bytes.byteLength) {
    const length = Math.min(view.getUint32(place + 4, true), bytes.byteLength - place - 8);
    if (view.getUint32(place) === 0x64617461) return new Int16Array(bytes.slice(place + 8, place + 8 + (length & ~1)));
    place += 8 + length + (length & 1);
  }
  return new Int16Array();
}

function stop(word) {
  player?.close();
  player = null;
  at("stop").disabled = true;
  at("status").textContent = words[word];
}

async function hear() {
  player?.close();
  const mine = (player = new Player(rate, (played) => draw(played)));
  mine.start();
  at("problem").hidden = true;
  at("problem").textContent = "";
  const answer = await fetch("/v1/announcements", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request()),
  });
  const made = await answer.json();
  if (!answer.ok) return refuse(made);
  const path = (name) => new URL(made.links[name]).pathname;
  const [bytes, captions] = await Promise.all([
    fetch(path("16000.wav")).then((answer) => answer.arrayBuffer()),
    fetch(path("json")).then((answer) => answer.json()),
  ]);
  if (player !== mine) return;
  sound = { samples: samplesOf(bytes), cues: captions.cues, locale: captions.locale };
  measure(made.readings);
  for (const cue of sound.cues) mine.mark(() => caption(cue), Math.max(1, Math.round(cue.start * rate)));
  mine.push(sound.samples);
  mine.mark(() => player === mine && stop("finished"));
  at("stop").disabled = false;
  at("status").textContent = words.playing;
}

function refuse({ detail, field }) {
  stop("failed");
  at("problem").textContent = detail ? `${field ?? ""} ${detail}`.trim() : words.failed;
  at("problem").hidden = false;
}

function caption({ text, locale }) {
  at("caption").lang = locale ?? sound.locale;
  at("caption").textContent = text;
}

// Of speech alone, since pauses would count as silence: RMS below full scale, as RFC 7874 has it.
function measure(readings) {
  let [sum, count, peak] = [0, 0, 0];
  for (const { start, end } of sound.cues) {
    for (const sample of sound.samples.subarray(Math.round(start * rate), Math.round(end * rate))) {
      if (Math.abs(sample) < 33) continue;
      sum += sample * sample;
      count += 1;
      peak = Math.max(peak, Math.abs(sample));
    }
  }
  const decibels = (value) => words.level.replace("{n}", (20 * Math.log10(Math.max(value, 1) / 32768)).toFixed(1));
  at("length").textContent = words.seconds.replace("{n}", (sound.samples.length / rate).toFixed(1));
  at("readings").textContent = String(readings);
  at("level").textContent = decibels(Math.sqrt(sum / Math.max(count, 1)));
  at("peak").textContent = decibels(peak);
  draw(0);
}

function draw(played) {
  const canvas = at("wave");
  if (!sound) return;
  const scale = devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const [heard, ahead] = [style.getPropertyValue("--heard"), style.getPropertyValue("--ahead")];
  context.clearRect(0, 0, width, height);
  const step = 3 * scale;
  const each = sound.samples.length / (width / step);
  for (let bar = 0; bar * step < width; bar += 1) {
    let peak = 0;
    const first = Math.floor(bar * each);
    for (let index = first; index < first + each; index += 8) peak = Math.max(peak, Math.abs(sound.samples[index] ?? 0));
    const length = Math.max(2 * scale, (peak / 32768) * height * 1.3);
    context.fillStyle = first < played ? heard : ahead;
    context.fillRect(bar * step, (height - length) / 2, 2 * scale, length);
  }
}

// MARK: Lines

async function showLines() {
  const locale = at("locale").value;
  const lines = await (await fetch(`/demo/lines?locale=${encodeURIComponent(locale)}`)).json();
  if (at("locale").value !== locale) return;
  at("lines").replaceChildren(
    ...lines.map(({ place, text }) => {
      const [item, button, line, name] = ["li", "button", "span", "code"].map((tag) => document.createElement(tag));
      button.type = "button";
      [button.dataset.place, button.textContent] = [place, "▶"];
      button.ariaLabel = words["hear-line"].replace("{text}", `${text} (${place})`);
      [line.lang, line.textContent, name.textContent] = [locale, text, place];
      item.append(button, line, name);
      return item;
    }),
  );
}

async function hearLine(place) {
  player?.close();
  const mine = (player = new Player(rate));
  mine.start();
  const query = new URLSearchParams({ locale: at("locale").value, place });
  const answer = await fetch(`/demo/line?${query}`);
  if (!answer.ok) return stop("failed");
  if (player === mine) mine.push(samplesOf(await answer.arrayBuffer()));
}

// MARK: What is pressed

at("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  hear().catch(() => refuse({}));
});
at("choice").addEventListener("input", ({ target }) => (target.id === "locale" ? chooseLocale() : showCopies()));
at("stop").addEventListener("click", () => stop("stopped"));
at("lines").addEventListener("click", ({ target }) => target.dataset.place && hearLine(target.dataset.place));
addEventListener("resize", () => draw(0));
document.addEventListener("click", async ({ target }) => {
  if (!target.dataset.copy) return;
  await navigator.clipboard.writeText(at(target.dataset.copy).textContent);
  at("status").textContent = words.copied;
});

begin();
