// Which call of a function a place in Go code is in.

export interface Call {
  /** Where its bracket is. */
  open: number;
  /** Where the argument begins that the place is in: behind the bracket or a comma. */
  from: number;
}

const longest = 50_000; // UTF-16 units of code that are looked at

const words = new Set(
  "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var".split(" "),
);

/** The call whose arguments pos is in; null if it is in none. */
export function callAt(code: string, pos: number): Call | null {
  if (pos > longest) return null;
  const open: { bracket: string; at: number; from: number }[] = [];
  for (let i = 0; i < pos; i++) {
    const ch = code[i]!;
    const end = endOfToken(code, i);
    if (end > i) {
      if (end > pos) return null; // in a text or a comment
      i = end - 1;
    } else if (ch === "(" || ch === "[" || ch === "{") open.push({ bracket: ch, at: i, from: i + 1 });
    else if (ch === ")" || ch === "]" || ch === "}") open.pop();
    else if (ch === "," && open.length > 0) open.at(-1)!.from = i + 1;
  }
  for (let b = open.pop(); b; b = open.pop()) {
    if (b.bracket === "{") return null;
    if (b.bracket === "(" && isCallee(code.slice(0, b.at))) return { open: b.at, from: b.from };
  }
  return null;
}

/** Where a string, a rune or a comment that begins at i ends; i if none does. */
function endOfToken(code: string, i: number): number {
  const ch = code[i]!;
  const after = (text: string, from: number) => {
    const at = code.indexOf(text, from);
    return at < 0 ? code.length + 1 : at + text.length;
  };
  if (ch === "`") return after("`", i + 1);
  if (ch === "/" && code[i + 1] === "/") return after("\n", i);
  if (ch === "/" && code[i + 1] === "*") return after("*/", i + 2);
  if (ch !== '"' && ch !== "'") return i;
  for (let k = i + 1; k < code.length && code[k] !== "\n"; k++) {
    if (code[k] === "\\") k++;
    else if (code[k] === ch) return k + 1;
  }
  return after("\n", i); // it has no end yet
}

/** Whether a bracket behind this code begins arguments: not parameters, not a part of a term. */
function isCallee(before: string): boolean {
  const name = /([\p{L}_][\p{L}\p{N}_]*)(\[[^[\]]*\])?$/u.exec(before.slice(-400));
  if (!name || words.has(name[1]!)) return false;
  return !/\bfunc\s+(\([^()]*\)\s*)?[\p{L}\p{N}_]+(\[[^[\]]*\])?$/u.test(before.slice(-400));
}
