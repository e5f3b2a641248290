// SPDX-License-Identifier: GPL-3.0-or-later

import { App } from "./app.js";
import { Telephone } from "./telephone.js";

// Forms are sent without leaving the page, since a call would end with it; without this module they work as forms do.
const main = document.getElementById("main");
const telephone = new Telephone(document.getElementById("telephone"));
let app = null;
// Counts what was shown and asked for: news of a moment before is old.
let moment = 0;

function began() {
  app?.close();
  const element = document.getElementById("app");
  app = element ? new App(element) : null;
}

function show(markup) {
  moment += 1;
  const page = new DOMParser().parseFromString(markup, "text/html");
  main.replaceChildren(...page.getElementById("main").childNodes);
  document.title = page.title;
  began();
}

function focus() {
  const wrong = main.querySelector("[aria-invalid=true]");
  (wrong ?? main.querySelector("h1"))?.focus();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-swap]")) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  performance.mark("asked");
  moment += 1;
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.text());
    // At once, and not when somebody has gone on already.
    focus();
    await telephone.look();
  } catch {
    return location.reload();
  }
  if (telephone.isRinging && !telephone.isOutside && fields.get("do") === "call") {
    telephone.focusAnswer();
    performance.measure("from the wish to the bell", "asked");
  }
});

// What happens elsewhere: the call, another tab, the end of the code's time.
async function follow() {
  const before = moment;
  try {
    const news = await telephone.look();
    const stage = main.querySelector("[data-stage]")?.dataset.stage;
    const attempt = main.querySelector("input[name=attempt]")?.value;
    if (news && before === moment && (news.stage !== stage || String(news.attempt) !== attempt)) {
      const markup = await (await fetch("/demo/")).text();
      const hadFocus = main.contains(document.activeElement);
      if (before === moment) {
        show(markup);
        if (hadFocus) focus();
      }
    }
  } catch {
    // The demo has ended, or begins anew: it is asked again.
  }
  setTimeout(follow, 1000);
}

began();
follow();
