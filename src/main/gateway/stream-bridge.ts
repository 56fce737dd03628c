import type { Duplex } from "node:stream";
import { WebSocket, type RawData } from "ws";
import { AppError } from "../../shared/errors/app-error.ts";
import { STREAM_PACES } from "../../shared/contracts/api.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { ChunkGatherer } from "./chunk-gatherer.ts";
import { watchHeartbeat } from "./heartbeat.ts";

/**
 * Stop reading from the guest while this much waits to go to the page. About two raw 1080p frames would be 16 MiB; a page that
 * is further behind only gets older pictures, and each open console may hold this much.
 */
export const BRIDGE_HIGH_WATER_BYTES = 4 * 1024 * 1024;

/** Read on when less than this waits. */
export const BRIDGE_LOW_WATER_BYTES = 1 * 1024 * 1024;

/** A page's single message to a guest: key, pointer, clipboard. noVNC sends at most 10 KiB at once, paste may be larger. */
export const MAX_STREAM_MESSAGE_BYTES = 1024 * 1024;

/** The page is told to wait, by TCP, while more than this waits to go to the guest. */
const TO_GUEST_HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Joins a guest's byte stream and a page's WebSocket. Never buffers without bound: reading stops on the side whose other side is
 * behind. Ends when either ends, and tells how.
 */
export function bridgeStream(
  stream: Duplex,
  socket: WebSocket,
  handleEnd: (error: AppError | undefined) => void,
): Disposable {
  const owned = new DisposableStore();
  let hasEnded = false;

  const end = (error: AppError | undefined): void => {
    if (hasEnded) return;
    hasEnded = true;
    gatherer.flush();
    owned.dispose();
    stream.destroy();
    // 4000: an end that the API's `console-closed` event explains.
    if (socket.readyState === WebSocket.OPEN) socket.close(error === undefined ? 1000 : 4000);
    handleEnd(error);
  };

  const resumeWhenDrained = (): void => {
    if (!hasEnded && stream.isPaused() && socket.bufferedAmount <= BRIDGE_LOW_WATER_BYTES) stream.resume();
  };

  const gatherer = owned.add(
    new ChunkGatherer((bytes) => {
      socket.send(bytes, { binary: true, compress: false }, resumeWhenDrained);
      if (socket.bufferedAmount > BRIDGE_HIGH_WATER_BYTES) stream.pause();
    }),
  );
  stream.on("data", (chunk: Buffer) => {
    gatherer.push(chunk);
  });
  stream.once("end", () => {
    end(new AppError("REMOTE_CLOSED", "far side closed", { address: "The guest's console" }));
  });
  stream.once("error", (error: Error) => {
    end(
      error instanceof AppError
        ? error
        : new AppError("CONNECTION_LOST", "stream failed", { address: "the guest's console" }, { cause: error }),
    );
  });
  stream.once("close", () => {
    end(new AppError("REMOTE_CLOSED", "far side closed", { address: "The guest's console" }));
  });
  stream.on("drain", () => {
    if (socket.isPaused) socket.resume();
  });

  socket.on("message", (data: RawData, isBinary) => {
    if (hasEnded) return;
    if (!isBinary) {
      const pace = STREAM_PACES.find((known) => known === (data as Buffer).toString("utf8"));
      if (pace === undefined) {
        end(new AppError("INVALID_REQUEST", "text on a byte stream", { reason: "text on a byte stream" }));
      } else gatherer.isGathering = pace === "gather";
      return;
    }
    const hasRoom = stream.write(data);
    if (!hasRoom && stream.writableLength > TO_GUEST_HIGH_WATER_BYTES) socket.pause();
  });
  socket.once("close", () => {
    end(undefined);
  });
  socket.once("error", () => {
    end(undefined);
  });
  owned.add(watchHeartbeat(socket));
  // Gone between its ticket and the page: it has said "close" already, and says nothing more.
  if (stream.destroyed) end(new AppError("REMOTE_CLOSED", "far side closed", { address: "The guest's console" }));
  return {
    dispose() {
      end(undefined);
    },
  };
}
