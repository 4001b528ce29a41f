// Draws a tree of plain objects into the document and later changes only what differs.
// Nodes are matched by tag and key, so an input that stays keeps its caret, and text is always a
// text node: nothing that somebody wrote is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const NOTHING = new Set([null, undefined, false, true, ""]); // so that `condition && node` reads well
const PROPERTIES = new Set(["checked", "open", "scrollTop"]);
const drawn = new WeakMap(); // node -> [{vnode, node}] of its children
const listeners = new WeakMap(); // node -> {event: handler}
let afterwards = [];

/** A node to draw. Props: key, class, on: {event: handler}, style: {property: value},
 *  value / checked as properties, created(el) once, updated(el) after each drawing; all else
 *  is an attribute (true = present, null or false = absent). */
export function h(tag, props, ...children) {
  const { key, ...rest } = props ?? {};
  return { tag, key, props: rest, children: flat(children) };
}

/** Draw `children` into `root`, keeping the focus where it is. */
export function draw(root, children) {
  const held = document.activeElement;
  const caret = caretOf(held);
  patchChildren(root, flat([children]), false);
  const due = afterwards;
  afterwards = [];
  for (const hook of due) hook();
  const lost = document.activeElement === document.body || document.activeElement === null;
  if (lost && held?.isConnected && held !== document.body) {
    held.focus({ preventScroll: true });
    if (caret) held.setSelectionRange(...caret);
  }
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => !NOTHING.has(child))
    .map((child) => (typeof child === "object" ? child : { tag: "#text", text: String(child) }));
}

function caretOf(el) {
  const isText = el instanceof HTMLTextAreaElement || (el instanceof HTMLInputElement && el.type === "text");
  return isText ? [el.selectionStart, el.selectionEnd] : null;
}

const identity = (vnode) => `${vnode.tag} ${vnode.key ?? ""}`;

function patchChildren(el, next, isSvg) {
  const pool = new Map();
  for (const item of drawn.get(el) ?? []) {
    const id = identity(item.vnode);
    if (!pool.has(id)) pool.set(id, []);
    pool.get(id).push(item);
  }
  const items = next.map((vnode) => {
    const found = pool.get(identity(vnode))?.shift();
    return found ? update(found, vnode, isSvg) : create(vnode, isSvg);
  });
  for (const left of pool.values()) for (const item of left) item.node.remove();
  let here = el.firstChild;
  for (const { node } of items) {
    if (node === here) here = here.nextSibling;
    else el.insertBefore(node, here);
  }
  drawn.set(el, items);
}

function create(vnode, insideSvg) {
  if (vnode.tag === "#text") return { vnode, node: document.createTextNode(vnode.text) };
  const isSvg = insideSvg || vnode.tag === "svg";
  const node = isSvg ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  for (const [name, value] of Object.entries(vnode.props)) setProp(node, name, value, undefined);
  patchChildren(node, vnode.children, isSvg);
  if ("value" in vnode.props) node.value = vnode.props.value ?? ""; // a select needs its options first
  if (vnode.props.created) afterwards.push(() => vnode.props.created(node));
  if (vnode.props.updated) afterwards.push(() => vnode.props.updated(node));
  return { vnode, node };
}

function update(item, vnode, insideSvg) {
  const { node } = item;
  if (vnode.tag === "#text") {
    if (node.data !== vnode.text) node.data = vnode.text;
    return { vnode, node };
  }
  const before = item.vnode.props;
  for (const name of Object.keys(before)) {
    if (!(name in vnode.props)) setProp(node, name, null, before[name]);
  }
  for (const [name, value] of Object.entries(vnode.props)) {
    if (value !== before[name] || name === "on" || name === "checked")
      setProp(node, name, value, before[name]);
  }
  patchChildren(node, vnode.children, insideSvg || vnode.tag === "svg");
  if ("value" in vnode.props) setValue(node, vnode.props, before);
  if (vnode.props.updated) afterwards.push(() => vnode.props.updated(node));
  return { vnode, node };
}

// A field that somebody is typing in is not touched, unless `live` says that the value is our own.
function setValue(node, props, before) {
  const value = props.value ?? "";
  if (node.value === value || (!props.live && value === (before.value ?? ""))) return;
  if (props.live || node !== document.activeElement) node.value = value;
}

function setProp(node, name, value, before) {
  if (name === "on") return listen(node, value ?? {});
  if (name === "style") return restyle(node, value ?? {}, before ?? {});
  if (["value", "live", "created", "updated"].includes(name)) return undefined;
  if (PROPERTIES.has(name)) {
    if (node[name] !== value) node[name] = value ?? false;
    return undefined;
  }
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
  return undefined;
}

function restyle(node, next, before) {
  for (const name of Object.keys(before)) if (!(name in next)) node.style.removeProperty(name);
  for (const [name, value] of Object.entries(next)) node.style.setProperty(name, value);
}

function listen(node, handlers) {
  const known = listeners.get(node) ?? {};
  for (const name of Object.keys(handlers)) {
    if (!(name in known)) node.addEventListener(name, (event) => listeners.get(node)[name]?.(event));
  }
  const gone = Object.fromEntries(Object.keys(known).map((name) => [name, undefined]));
  listeners.set(node, { ...gone, ...handlers });
}
