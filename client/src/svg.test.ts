// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { svgProblem } from "./svg";

const svg = (inside: string): string => `<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`;
const levels = (count: number, refer: (id: string) => string): string =>
  Array.from({ length: count }, (_, n) => `<g id="g${n + 1}">${refer(`g${n}`).repeat(10)}</g>`).join("");

test.each([
  svg("<circle r='3' fill='#ff0000'/>"),
  svg("<style>*{stroke-linejoin: round}</style><path d='M 0 0'/>"),
  svg("<defs><path id='a'/></defs><use href='#a'/><use href='#a'/>"),
  svg("<clipPath id='c'><rect/></clipPath><g clip-path='url(#c)'/>"),
  svg("<use id='a' href='#a'/>"),
])("%s is drawn", (text) => {
  expect(svgProblem(text)).toBeNull();
});

test.each<[string, string]>([
  ["parts that use parts", svg(`<path id="g0"/>${levels(8, (id) => `<use href="#${id}"/>`)}`)],
  ["masks in masks", svg(`<path id="g0"/>${levels(8, (id) => `<path mask="url( '#${id}' )"/>`)}`)],
  ["parts named by an animation", svg(`<path id="g0"/>${levels(8, (id) => `<set to="#${id}"/>`)}`)],
  ["a reference with an escape", svg("<g id='a'/><use href='#%61'/>")],
  ["a style with an escape", svg("<g id='a'/><g style='mask: \\75rl(#a)'/>")],
  ["a rule that refers", svg("<style>g { mask: url(#a) }</style>")],
  ["a rule from elsewhere", svg("<style>@import 'a.css'</style>")],
  ["a drawing in a drawing", svg("<image href='data:image/svg+xml;base64,AAAA'/>")],
  ["a picture that is none", svg("<image href='data:image/png;base64,AAAA'/>")],
  ["too deep a nesting", svg("<g>".repeat(2_000) + "</g>".repeat(2_000))],
])("%s would take too long to draw", (_, text) => {
  expect(svgProblem(text)).toBe("This picture has too many parts to be shown.");
});

test.each(["", "<svg", "<html/>", `<!DOCTYPE svg [<!ENTITY a "a">]>${svg("&a;")}`])(
  "%s can't be read",
  (text) => {
    expect(svgProblem(text)).toBe("This picture can't be read.");
  },
);
