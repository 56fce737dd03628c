/** One record, and the line on which it begins, from 1. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** RFC 4180: fields may stand in quotes, in which a quote is doubled and line ends are allowed. Never fails. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let field = "";
  let isQuoted = false;
  let line = 1;
  let rowLine = 1;
  const endField = (): void => {
    fields.push(field);
    field = "";
  };
  const endRow = (): void => {
    endField();
    rows.push({ fields, line: rowLine });
    fields = [];
    rowLine = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\n") line += 1;
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text.charAt(at + 1) === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === ",") endField();
    else if (character === "\n") endRow();
    else if (character !== "\r") field += character;
  }
  if (field !== "" || fields.length > 0) endRow();
  return rows;
}
