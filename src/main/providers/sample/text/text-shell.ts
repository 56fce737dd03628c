import type { Duplex } from "node:stream";
import { DisposableStore, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { every } from "../../../../shared/lifecycle/timer.ts";
import { LineEditor } from "./line-editor.ts";
import { colourChart, HELP, processTable } from "./shell-commands.ts";

const TOP_REFRESH_MS = 1000;
const CONTROL_C = "\u0003";
const CLEAR = "\u001b[2J\u001b[H";

interface TextShellOptions {
  readonly hostName: string;
  readonly now: () => number;
}

type Mode = { readonly kind: "prompt" } | { readonly kind: "top"; readonly timer: Disposable };

/** A tiny shell on a serial line: it echoes, edits a line, and knows a few commands. */
export class TextShell implements Disposable {
  readonly #stream: Duplex;
  readonly #options: TextShellOptions;
  readonly #owned = new DisposableStore();
  readonly #editor = new LineEditor();
  readonly #decoder = new TextDecoder();
  #mode: Mode = { kind: "prompt" };

  constructor(stream: Duplex, options: TextShellOptions) {
    this.#stream = stream;
    this.#options = options;
    const handleData = (chunk: Uint8Array): void => this.#receive(this.#decoder.decode(chunk, { stream: true }));
    const handleEnd = (): void => this.dispose();
    stream.on("data", handleData);
    stream.once("close", handleEnd).once("end", handleEnd).once("error", handleEnd);
    this.#owned.defer(() => {
      stream.off("data", handleData);
      stream.destroy();
    });
    this.#write(`\r\n\u001b[1;33mSwitchyard sample console\u001b[0m — ${options.hostName}, ttyS0\r\n`);
    this.#write("Type \u001b[1mhelp\u001b[0m to see what it knows.\r\n\r\n");
    this.#prompt();
  }

  dispose(): void {
    this.#leaveTop();
    this.#owned.dispose();
  }

  #receive(text: string): void {
    for (const character of text) {
      if (this.#mode.kind === "top") {
        if (character === "q" || character === CONTROL_C) this.#endTop();
        continue;
      }
      const { echo, line } = this.#editor.accept(character);
      this.#write(echo);
      if (line !== undefined) this.#run(line.trim());
    }
  }

  #run(line: string): void {
    const [command = "", ...words] = line.split(/\s+/);
    switch (command) {
      case "":
        break;
      case "help":
        this.#write(HELP);
        break;
      case "echo":
        this.#write(`${words.join(" ")}\r\n`);
        break;
      case "clear":
        this.#write(CLEAR);
        break;
      case "colours":
      case "colors":
        this.#write(colourChart());
        break;
      case "date":
        this.#write(`${new Date(this.#options.now()).toUTCString()}\r\n`);
        break;
      case "uname":
        this.#write(`Switchyard ${this.#options.hostName} sample\r\n`);
        break;
      case "count":
        this.#count(Number(words[0] ?? 10));
        break;
      case "top":
        this.#startTop();
        return;
      case "exit":
        this.#write("This shell has no outside.\r\n");
        break;
      default:
        this.#write(`${command}: not known; try \u001b[1mhelp\u001b[0m\r\n`);
    }
    this.#prompt();
  }

  #count(until: number): void {
    const last = Number.isInteger(until) ? Math.min(Math.max(until, 1), 10_000) : 10;
    this.#write(Array.from({ length: last }, (_, index) => `${index + 1}\r\n`).join(""));
  }

  #startTop(): void {
    // The alternate screen, as full-screen programs use it, without a cursor.
    this.#write("\u001b[?1049h\u001b[?25l");
    const show = (): void => {
      // A console that nobody reads gets no more.
      if (!this.#stream.writableNeedDrain) this.#write(`\u001b[H${processTable(this.#options.now())}\u001b[J`);
    };
    show();
    this.#mode = { kind: "top", timer: every(TOP_REFRESH_MS, show) };
  }

  #endTop(): void {
    this.#leaveTop();
    this.#write("\u001b[?25h\u001b[?1049l");
    this.#prompt();
  }

  #leaveTop(): void {
    if (this.#mode.kind === "top") this.#mode.timer.dispose();
    this.#mode = { kind: "prompt" };
  }

  #prompt(): void {
    this.#write(`\u001b[32mguest@${this.#options.hostName}\u001b[0m:\u001b[34m~\u001b[0m$ `);
  }

  #write(text: string): void {
    if (text !== "" && !this.#owned.isDisposed) this.#stream.write(Buffer.from(text));
  }
}
