// Numbers of equations, and the labels by which texts refer to them: KaTeX has neither
// labels nor a count beyond one formula.

/** What the equations of a text are called. */
export interface Equations {
  /** The number of the text's first equation that is numbered. */
  first: number;
  /** The number, or the tag, of each label in the notebook. */
  labels: ReadonlyMap<string, string>;
  /** Goes to the equation with a label. */
  go?: (label: string) => void;
}

/** A formula that was given numbers. */
interface Numbered {
  tex: string;
  /** The number of the next equation. */
  next: number;
  /** The labels in the formula, with what they stand for. */
  labels: [label: string, text: string][];
}

/** Says that a text may hold numbered equations or refer to some. */
export const mayNumber = (source: string) => /\\begin\{(equation|align|gather|alignat)\}|\\label\{|\\(eq)?ref\{/.test(source);

const numberedEnv = /^\\begin\{(equation|align|gather|alignat)\}/;

/** Gives each equation of a formula that has a number that number, as a tag, from first on. Labels are taken out. */
export function numberEquations(tex: string, first: number): Numbered {
  const begin = numberedEnv.exec(tex.trim());
  const labels: Numbered["labels"] = [];
  if (!begin) {
    const { row, label, tag } = takeLabel(tex);
    if (label !== undefined && tag !== undefined) labels.push([label, tag]);
    return { tex: row, next: first, labels };
  }
  const trimmed = tex.trim();
  const end = `\\end{${begin[1]}}`;
  const body = trimmed.endsWith(end) ? trimmed.slice(begin[0].length, -end.length) : trimmed.slice(begin[0].length);
  const list = rows(body);
  let next = first;
  const numbered = list.map((text, i) => {
    const { row, label, tag } = takeLabel(text);
    let shown = tag;
    let out = row;
    const last = i === list.length - 1 && i > 0 && row.trim() === "";
    if (tag === undefined && !last && !/\\(nonumber|notag)(?![a-zA-Z])/.test(row)) {
      shown = String(next++);
      out = `${row}\\tag{${shown}}`;
    }
    if (label !== undefined && shown !== undefined) labels.push([label, shown]);
    return out;
  });
  return { tex: begin[0] + numbered.join("\\\\") + (trimmed.endsWith(end) ? end : ""), next, labels };
}

/** The rows of an environment; those of environments within are parts of theirs. */
function rows(body: string): string[] {
  const out: string[] = [];
  let from = 0;
  let depth = 0;
  for (const m of body.matchAll(/\\begin\{|\\end\{|\\\\|\\[^a-zA-Z]|\\[a-zA-Z]+|[{}]|%[^\n]*/g)) {
    if (m[0] === "\\begin{") depth += 2; // its name's brace closes one
    else if (m[0] === "\\end{") depth += 0;
    else if (m[0] === "{") depth++;
    else if (m[0] === "}") depth--;
    else if (m[0] === "\\\\" && depth === 0) {
      out.push(body.slice(from, m.index));
      from = m.index + 2;
    }
  }
  out.push(body.slice(from));
  return out;
}

function takeLabel(row: string): { row: string; label?: string; tag?: string } {
  const label = /\\label\s*\{([^{}]*)\}/.exec(row)?.[1];
  const tag = /\\tag\*?\s*\{([^{}]*)\}/.exec(row)?.[1];
  return { row: row.replace(/\\label\s*\{[^{}]*\}/g, ""), label, tag };
}

/** A formula with what it refers to by labels in their place. */
export function withReferences(tex: string, labels: ReadonlyMap<string, string>): string {
  return tex.replace(/\\(eq)?ref\s*\{([^{}]*)\}/g, (_, eq: string | undefined, label: string) => `\\text{${referenceText(labels.get(label), eq !== undefined)}}`);
}

/** What a reference shows. */
export function referenceText(of: string | undefined, brackets: boolean): string {
  const text = of ?? "?";
  return brackets ? `(${text})` : text;
}
