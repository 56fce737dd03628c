import type { WebSocket } from "ws";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { every } from "../../shared/lifecycle/timer.ts";

/** Finds pages that went without a word (a suspended laptop, a dead tunnel in served mode). */
const PING_INTERVAL_MS = 20_000;

/** Ends the socket of a page that has stopped to answer. */
export function watchHeartbeat(socket: WebSocket): Disposable {
  const owned = new DisposableStore();
  let isAlive = true;
  const handlePong = (): void => {
    isAlive = true;
  };
  socket.on("pong", handlePong);
  owned.defer(() => {
    socket.off("pong", handlePong);
  });
  owned.add(
    every(PING_INTERVAL_MS, () => {
      // A page that we make wait, because its guest is slow, cannot be heard.
      if (socket.isPaused) return;
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
    }),
  );
  return owned;
}
