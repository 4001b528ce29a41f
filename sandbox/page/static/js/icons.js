// Our own line icons, 20 by 20. They decorate controls that carry a name of their own.

import { h } from "./vdom.js";

const PATHS = {
  hash: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  home: "M3.5 9.5 10 4l6.5 5.5M5.5 8.5V16h9V8.5",
  chat: "M3.5 4.5h13v9H9L5.5 16.5v-3h-2z",
  send: "M3.5 4 17 10 3.5 16l2-6zM5.5 10H11",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  reply: "M4 5h12v8h-6l-3.5 3v-3H4zM7.5 9h5",
  bolt: "M11 2.5 4.5 11.5H9.5L8.5 17.5 15.5 8.5H10.5z",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  next: "M8 4.5 13.5 10 8 15.5",
  down: "M5 7.5 10 12.5 15 7.5",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.3l2.8 1.7",
  crack: "M11 2.5 8 8l3.5 2L8 17.5M3 5.5l2.5 1.5M14.5 13l2.5 1.5M4 14.5 6 13M14.5 6.5l2-1.5",
  gpu: "M5.5 5.5h9v9h-9zM8 8h4v4H8zM7.5 2.5v3M12.5 2.5v3M7.5 14.5v3M12.5 14.5v3M2.5 7.5h3M2.5 12.5h3M14.5 7.5h3M14.5 12.5h3",
  inspect: "M7.5 5 3 10l4.5 5M12.5 5 17 10l-4.5 5",
  eye: "M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15",
  info: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9v4.5M10 6.5h.01",
  warning: "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.5h.01",
  link: "M8.5 11.5 11.5 8.5M9.5 6l1.2-1.2a3.2 3.2 0 0 1 4.5 4.5L14 10.5M10.5 14l-1.2 1.2a3.2 3.2 0 0 1-4.5-4.5L6 9.5",
  user: "M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 16.5c.8-3 3.2-4.5 6-4.5s5.2 1.5 6 4.5",
};

export function icon(name) {
  return h(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    h("path", { d: PATHS[name] }),
  );
}
