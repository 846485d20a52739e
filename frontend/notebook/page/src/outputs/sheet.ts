// The style of HTML outputs, inside their shadow roots. Colours come from the page.

const css = `
:host { display: block }
/* Outputs make secondary text paler by opacity, so the ink is darker here. */
body { margin: 0; background: none; color: light-dark(#070c11, #eef3f7); font: inherit; overflow-x: auto; overflow-y: hidden }
body > :first-child { margin-top: 0 }
body > :last-child { margin-bottom: 0 }
img, svg { max-width: 100%; height: auto; vertical-align: top }
body > * img, body > * svg, body > img, body > svg { cursor: zoom-in }
a img, a svg { cursor: pointer }
a { color: var(--accent-ink); text-underline-offset: 2px }
a.place { font-family: var(--mono); font-size: .93em }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px }
code, pre, kbd, samp { font-family: var(--mono); font-size: .93em }
pre { white-space: pre-wrap }
blockquote { margin: 0 0 .75em; padding: 2px 0 2px 16px; border-left: 3px solid var(--accent-line) }
table { border-collapse: collapse; font-size: .93em; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: .3em .75em; text-align: start; vertical-align: top }
thead th { border-bottom-color: var(--line-strong); font-weight: 600; white-space: nowrap }
tbody th { color: var(--muted); font-weight: 500 }
tbody tr:hover { background: var(--hover) }
caption { padding: .1em .75em .4em }
caption:empty { display: none }
details > summary { cursor: pointer }
.picture-blocked { display: inline-block; padding: .1em .6em; border: 1px dashed var(--line-strong); border-radius: 5px; color: var(--muted); font-size: .9em }
::highlight(find) { background-color: var(--match); color: var(--ink) }
::highlight(find-current) { background-color: var(--accent); color: var(--on-accent) }
[hidden] { display: none }
`;

let sheet: CSSStyleSheet | undefined;

export function outputSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
