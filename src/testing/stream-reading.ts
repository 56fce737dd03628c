import type { Duplex } from "node:stream";

/** Resolves with the next `count` bytes; rejects when the stream ends before. What came beyond them is put back. */
export function readBytes(stream: Duplex, count: number, options: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const handleReadable = (): void => {
      const bytes = stream.read(count) as Uint8Array | null;
      if (bytes === null) return;
      stop();
      if (bytes.length === count) resolve(Uint8Array.from(bytes));
      else reject(new Error(`the stream ended after ${bytes.length} of ${count} bytes`));
    };
    const handleEnd = (): void => {
      stop();
      reject(new Error(`the stream ended before ${count} bytes`));
    };
    const stop = (): void => {
      stream.off("readable", handleReadable).off("end", handleEnd).off("close", handleEnd).off("error", handleEnd);
      options.signal?.removeEventListener("abort", handleEnd);
    };
    stream.on("readable", handleReadable).on("end", handleEnd).on("close", handleEnd).on("error", handleEnd);
    options.signal?.addEventListener("abort", handleEnd, { once: true });
    handleReadable();
  });
}

/** Resolves when the stream is closed, whoever closed it. */
export function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.on("error", () => undefined);
    stream.once("close", () => resolve());
    // The end is only seen by one who reads.
    stream.resume();
  });
}
