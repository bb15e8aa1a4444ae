// The outer one of two frames around HTML of a program's. It is here for its Content-Security-Policy, which the inner one inherits:
// styles and embedded pictures, and nothing from anywhere. The inner one runs no script at all.

import { isEmbedding, isSmallPicture, isTooMuch } from "../svg";

/** They do nothing in a frame without scripts and network, but browsers connect to what some of them name. */
const IDLE = "script, link, meta, base, iframe, frame, object, embed, applet, template";
/** Styles that could embed a drawing; an escape can hide that they do. */
const LOADING_STYLE = /url\s*\(|image-set|image\s*\(|src\s*\(|@import|element\s*\(|\\/i;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const STYLE = `
  :root { color-scheme: light dark; font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
  body { margin: 8px 15px; color: light-dark(#1f1c27, #ebe9f1); }
  a { color: light-dark(#4a3fd1, #aba4ff); }
  img, svg { max-width: 100%; }
  pre, code { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; }
  table { border-collapse: collapse; border: 0; font-variant-numeric: tabular-nums; }
  th, td { padding: 3px 12px; text-align: right; border: 0; }
  thead th { border-bottom: 1px solid light-dark(#8d8798, #716c7e); }
  tbody tr:nth-child(even) { background: light-dark(#efece6, #26242c); }
  caption { padding: 4px; color: light-dark(#625d6c, #a8a3b4); }
`;

/** Links lead to new windows, which this frame may not open: otherwise they would replace what is here by nothing. */
const HEAD = `<meta http-equiv="Content-Security-Policy" content="${POLICY}"><base target="_blank"><style>${STYLE}</style>`;

const LINE_PIXELS = 28;
const PICTURE_PIXELS = 240;

function guessHeight({ body }: Document): number {
  const lines = body.querySelectorAll("tr, p, li, dt, dd, br, hr, h1, h2, h3, h4, h5, h6").length;
  const breaks = [...body.querySelectorAll("pre")].reduce(
    (sum, { textContent }) => sum + textContent.split("\n").length,
    0,
  );
  return (
    24 + Math.max(1, lines + breaks) * LINE_PIXELS + body.querySelectorAll("img, svg").length * PICTURE_PIXELS
  );
}

/** Nothing of this is what keeps the page safe: it is for what would connect, or hold up the page, under any policy. */
function tame(parsed: Document): void {
  for (const element of parsed.querySelectorAll(IDLE)) element.remove();
  for (const style of parsed.querySelectorAll("style"))
    if (LOADING_STYLE.test(style.textContent)) style.remove();
  for (const element of parsed.querySelectorAll("*"))
    for (const { name, value } of [...element.attributes])
      if (!isHarmless(element, name, value)) element.removeAttribute(name);
  const { documentElement: root, body } = parsed;
  if (root.querySelector("svg") && isTooMuch(root))
    body.replaceChildren("This has too many parts to be shown.");
}

function isHarmless(element: Element, name: string, value: string): boolean {
  if (name === "target" || name === "formtarget") return false;
  if (name === "style") return !LOADING_STYLE.test(value);
  return !isEmbedding(value) || (element.localName === "img" && name === "src" && isSmallPicture(value));
}

function show(html: string): void {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  tame(parsed);
  const frame = document.createElement("iframe");
  frame.sandbox.value = "";
  frame.title = "Content";
  frame.srcdoc = `<!doctype html>${HEAD}${parsed.documentElement.innerHTML}`;
  document.body.replaceChildren(frame);
  parent.postMessage(guessHeight(parsed), "*");
}

addEventListener("message", ({ source, data }: MessageEvent<unknown>) => {
  if (source === parent && typeof data === "string") show(data);
});
// The page's origin is not known here, and there is nothing in this to hide.
parent.postMessage("caretroom-markup", "*");
