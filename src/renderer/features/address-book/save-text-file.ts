import { after } from "../../../shared/lifecycle/timer.ts";

/** The download reads the text after the click; then its memory is given back. */
const KEEP_MS = 30_000;

export function saveTextFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  after(KEEP_MS, () => {
    URL.revokeObjectURL(url);
  });
}
