// The control API of the workspace's server. Every call gives parsed JSON or throws Unreachable.

export class Unreachable extends Error {}

async function call(path, options) {
  let answer;
  try {
    answer = await fetch(`/_sandbox/${path}`, options);
    return await answer.json();
  } catch (why) {
    throw new Unreachable(`${path}: ${answer?.status ?? why}`);
  }
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** Everything that a person sees; without a user, what the first person sees. */
export const getState = (user) => call(user ? `state?user=${encodeURIComponent(user)}` : "state");

/** Do something as a person: {user, do, ...}. Answers when the bot has acknowledged. */
export const act = (body) => post("act", body);

/** What went over the wire after entry number `n`. */
export const getPayloads = (n) => call(`payloads?after=${n}`);

/** Move the clock. */
export const advance = (seconds) => post("clock", { advance_seconds: seconds });

/** Press or switch a control of the panel "Break something". */
export const control = (id, on) => post(`controls/${encodeURIComponent(id)}`, { on });

/** Switch on a fault of the Web API, or all of them off. */
export const addFault = (fault) => post("faults", fault);
export const clearFaults = () => call("faults", { method: "DELETE" });

/** Do something at a GPU provider, as if at its own console: {do, id, ...}. */
export const atProvider = (provider, body) => post(`fleet/${encodeURIComponent(provider)}`, body);

/** Call back with true for each change of the workspace, with false while the line is down. */
export function listen(user, heard) {
  const source = new EventSource(`/_sandbox/events?user=${encodeURIComponent(user)}`);
  source.addEventListener("version", () => heard(true));
  source.addEventListener("open", () => heard(true));
  source.addEventListener("error", () => heard(false));
  return () => source.close();
}
