// Text in rows and columns.

/** The rows of comma-separated text (RFC 4180), or of text with tabs or semicolons, up to a number of rows. */
export function readTable(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length && rows.length < most) {
    let value = "";
    if (text[at] === '"') {
      for (at++; at < text.length; at++) {
        if (text[at] !== '"') value += text[at];
        else if (text[at + 1] === '"') value += text[at++];
        else break;
      }
      at++;
    }
    const from = at;
    while (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") at++;
    row.push(value + text.slice(from, at));
    if (text[at] === separator) {
      at++;
      if (at < text.length) continue;
      row.push("");
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** What stands between the columns of a text: a comma, a semicolon or a tab. */
export function separatorOf(name: string, text: string): string {
  if (name.toLowerCase().endsWith(".tsv")) return "\t";
  const first = /^[^\r\n]*/.exec(text)![0];
  const count = (c: string) => first.split(c).length;
  return [",", ";", "\t"].reduce((best, c) => (count(c) > count(best) ? c : best));
}
