const MAX_LINE_CHARACTERS = 500;
const MAX_HISTORY_LINES = 100;
const ERASE_ONE = "\b \b";

export interface EditorOutput {
  /** What the terminal gets to see of the key. */
  readonly echo: string;
  /** Set when the key ended a line. */
  readonly line?: string;
}

/** Edits one line as a terminal's keys arrive: backspace, clear, history. Escape sequences may come in pieces. */
export class LineEditor {
  #line: string[] = [];
  #escape = "";
  readonly #history: string[] = [];
  #historyAt = 0;
  #previous = "";

  accept(character: string): EditorOutput {
    const previous = this.#previous;
    this.#previous = character;
    if (this.#escape !== "") return this.#acceptEscape(character);
    switch (character) {
      case "\u001b":
        this.#escape = character;
        return { echo: "" };
      case "\n":
        // The second half of CR LF.
        return previous === "\r" ? { echo: "" } : this.#finish();
      case "\r":
        return this.#finish();
      case "\u007f":
      case "\b":
        return { echo: this.#line.pop() === undefined ? "" : ERASE_ONE };
      case "\u0003":
        this.#line = [];
        return { echo: "^C\r\n", line: "" };
      case "\u000c":
        this.#line = [];
        return { echo: "", line: "clear" };
      case "\u0015":
        return { echo: this.#replace("") };
      default:
        return this.#insert(character);
    }
  }

  #insert(character: string): EditorOutput {
    if (character < " " || this.#line.length >= MAX_LINE_CHARACTERS) return { echo: "" };
    this.#line.push(character);
    return { echo: character };
  }

  /** ESC, then "[" or "O", parameters, and a final byte: ECMA-48, 5.4. */
  #acceptEscape(character: string): EditorOutput {
    const isIntroducer = this.#escape.length === 1 && (character === "[" || character === "O");
    const isParameter = this.#escape.length > 1 && this.#escape.length < 16 && /[0-9;]/.test(character);
    if (isIntroducer || isParameter) {
      this.#escape += character;
      return { echo: "" };
    }
    this.#escape = "";
    if (character === "A") return { echo: this.#recall(-1) };
    if (character === "B") return { echo: this.#recall(1) };
    return { echo: "" };
  }

  #recall(step: number): string {
    this.#historyAt = Math.max(0, Math.min(this.#history.length, this.#historyAt + step));
    return this.#replace(this.#history[this.#historyAt] ?? "");
  }

  #replace(text: string): string {
    const erased = ERASE_ONE.repeat(this.#line.length);
    this.#line = Array.from(text);
    return erased + text;
  }

  #finish(): EditorOutput {
    const line = this.#line.join("");
    this.#line = [];
    if (line.trim() !== "") this.#history.push(line);
    if (this.#history.length > MAX_HISTORY_LINES) this.#history.shift();
    this.#historyAt = this.#history.length;
    return { echo: "\r\n", line };
  }
}
