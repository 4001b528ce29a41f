// The panel "GPU providers": what really runs there and what it is billed, with the providers' own
// console in a few buttons. The app sees none of this: it has their API.

import { atProvider } from "./api.js";
import { refresh } from "./live.js";
import { now, store } from "./store.js";
import { switches } from "./switches.js";
import { lengthText, timeOfDay } from "./time.js";
import { toast, tried } from "./toasts.js";
import { h } from "./vdom.js";
import { t, tn } from "./words.js";

const NAMES = { runpod: "RunPod", vast: "Vast.ai" };
const nameOf = (provider) => NAMES[provider] ?? provider;
const BILLED = new Set(["booting", "running", "stopping"]);
const SLOW_STOP = 300; // seconds
const USUAL_STOP = 20;

/** All machines, those that are billed first, then the latest. */
function machines() {
  const found = Object.entries(store.state.fleet).flatMap(([provider, service]) =>
    service.machines.map((machine) => ({ ...machine, provider })),
  );
  const rank = ({ phase }) => (BILLED.has(phase) ? 0 : phase === "stopped" ? 1 : 2);
  return found.sort((a, b) => rank(a) - rank(b) || b.since.localeCompare(a.since));
}

const money = (usd) => t("{usd} USD", { usd: Number(usd).toFixed(2) });

/** What all of it costs per hour, for the bar; nothing while nothing runs. */
export function burning() {
  const billed = machines().filter(({ phase }) => BILLED.has(phase));
  if (!billed.length) return null;
  const sum = billed.reduce((all, one) => all + Number(one.usd_per_hour), 0);
  return h("small", { class: "burning" }, sum.toFixed(2), h("span", { class: "wide-only" }, " ", t("USD/h")));
}

export function fleet() {
  const found = machines();
  return h(
    "div",
    { class: "fleet" },
    h(
      "p",
      { class: "panel-note" },
      t("What really runs there, and what it is billed. Buttons act at the console, past the app."),
    ),
    h(
      "ul",
      { class: "machines", "aria-label": t("Machines") },
      found.length
        ? found.map(machine)
        : h("li", { key: "none", class: "empty" }, t("No machine is rented.")),
    ),
    rental(),
    calls(),
    h(
      "details",
      { class: "panel-more" },
      h("summary", null, t("When a provider has a bad day")),
      switches(store.state.controls.filter(({ group }) => group === "provider")),
    ),
  );
}

function machine(one) {
  const isGone = one.phase === "gone";
  return h(
    "li",
    {
      key: `${one.provider} ${one.id}`,
      class: isGone ? "machine is-gone" : "machine",
      "data-machine": one.id,
    },
    h(
      "p",
      { class: "machine-head" },
      h("strong", null, one.name || one.id),
      h("span", { class: `machine-state ${one.phase}` }, one.state),
      h("span", { class: "machine-bill", title: t("billed so far") }, money(one.spent_usd)),
    ),
    h("p", { class: "machine-what" }, whatItIs(one)),
    !isGone &&
      h(
        "div",
        { class: "machine-acts" },
        acts(one),
        price(one),
        h("span", { class: "quirks", key: "quirks" }, quirks(one)),
      ),
  );
}

function whatItIs(one) {
  const gpu = one.gpus > 1 ? `${one.gpus} × ${one.gpu}` : one.gpu;
  const since = Date.parse(one.since);
  const until = one.until ? Date.parse(one.until) : now();
  const length = lengthText((until - since) / 1000) || t("{count} min", { count: 0 });
  const times = { since: timeOfDay(since), until: timeOfDay(until), length };
  const ran = one.until
    ? t("{since} to {until} ({length})", times)
    : t("since {since} ({length})", times);
  const rate = one.phase === "gone" && t("{usd} USD/h", { usd: Number(one.usd_per_hour).toFixed(2) });
  return [nameOf(one.provider), gpu, rate, ran].filter(Boolean).join(" · ");
}

/** Ends and starts at the console. */
function acts(one) {
  const act = (label, what, more) =>
    h(
      "button",
      {
        type: "button",
        key: what,
        class: "button tiny-button",
        "aria-label": `${label}: ${one.name}`,
        on: { click: () => tell(one.provider, { do: what, id: one.id }) },
        ...more,
      },
      label,
    );
  return [
    one.phase === "stopped"
      ? act(t("Start"), "resume")
      : act(t("Stop"), "stop", { disabled: one.phase === "stopping" }),
    act(t("Delete"), "remove"),
  ];
}

function price(one) {
  const set = (event) => tell(one.provider, { do: "price", id: one.id, usd: event.target.value });
  return h(
    "label",
    { class: "machine-price", key: "price" },
    h("input", {
      type: "number",
      class: "text-field",
      "aria-label": t("USD per hour of {name}", { name: one.name }),
      min: "0",
      step: "0.01",
      value: Number(one.usd_per_hour).toFixed(2),
      on: { change: (event) => event.target.value && set(event) },
    }),
    t("USD/h"),
  );
}

/** How it behaves when it is told to stop. */
function quirks(one) {
  const isSlow = one.stop_takes >= SLOW_STOP;
  return [
    quirk(one, t("Slow stop"), t("A stop takes five minutes."), isSlow, {
      stop_takes: isSlow ? USUAL_STOP : SLOW_STOP,
    }),
    quirk(one, t("Lies"), t("It says yes to a stop and runs on."), one.lies, { lies: !one.lies }),
    "stoppable" in one &&
      quirk(one, t("Delete only"), t("It cannot be stopped, only deleted."), !one.stoppable, {
        stoppable: !one.stoppable,
      }),
  ];
}

function quirk(one, label, hint, isOn, change) {
  return h(
    "button",
    {
      type: "button",
      key: label,
      class: isOn ? "quirk on" : "quirk",
      title: hint,
      "aria-label": `${label}: ${one.name}`,
      "aria-description": hint,
      "aria-pressed": String(isOn),
      on: { click: () => tell(one.provider, { do: "change", id: one.id, ...change }) },
    },
    label,
  );
}

function rental() {
  const field = (name, label, props) =>
    h(
      "label",
      { class: `for-${name}` },
      label,
      h("input", { class: "text-field", name, autocomplete: "off", required: true, ...props }),
    );
  return h(
    "form",
    { class: "panel-form rent-form", "aria-label": t("Rent a GPU"), on: { submit: rent } },
    h("h3", null, t("Rent a GPU")),
    h(
      "label",
      { class: "for-provider" },
      t("Provider"),
      h(
        "select",
        { name: "provider" },
        Object.keys(store.state.fleet).map((id) => h("option", { key: id, value: id }, nameOf(id))),
      ),
    ),
    field("name", t("Name"), { type: "text", maxlength: "60", placeholder: "ow-2-ada" }),
    field("usd", t("USD/h"), { type: "number", min: "0", step: "0.01", value: "0.69" }),
    field("hours", t("Hours ago"), { type: "number", min: "0", max: "720", step: "any", value: "0" }),
    h("button", { type: "submit", class: "button small-button" }, t("Rent")),
  );
}

async function rent(event) {
  event.preventDefault();
  const form = event.target;
  const { provider, name, usd, hours } = Object.fromEntries(new FormData(form));
  await tell(provider, { do: "start", name, usd, hours_ago: Number(hours) });
  form.reset();
}

/** What the providers heard of the app. */
function calls() {
  const asked = Object.entries(store.state.fleet).filter(([, service]) => service.last_call);
  return h(
    "ul",
    { class: "fleet-calls", "aria-label": t("Calls received") },
    asked.map(([provider, { calls: count, last_call: last }]) =>
      h(
        "li",
        { key: provider },
        tn("{provider}: {count} call received", "{provider}: {count} calls received", count, {
          provider: nameOf(provider),
        }),
        h(
          "code",
          { class: last.status >= 400 || last.status === null ? "bad" : "" },
          `${timeOfDay(Date.parse(last.at))} ${last.kind} ${last.status ?? t("no answer")}`,
        ),
      ),
    ),
  );
}

async function tell(provider, body) {
  const answer = await tried(() => atProvider(provider, body));
  if (answer.ok === false) toast(answer.text);
  await refresh();
}
