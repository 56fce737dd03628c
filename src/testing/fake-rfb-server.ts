import { createServer, type AddressInfo } from "node:net";
import type { Disposable } from "../shared/lifecycle/disposable.ts";
import { FakeRfbSession, type FakeRfbOptions } from "./fake-rfb-session.ts";

export { FakeRfbSession, FOREIGN_BANNERS, type FakeRfbOptions, type RfbFault } from "./fake-rfb-session.ts";

export interface FakeRfbServer extends Disposable {
  readonly port: number;
  /** "127.0.0.1:PORT" */
  readonly address: string;
  /** One for each viewer that came, oldest first. */
  readonly sessions: readonly FakeRfbSession[];
  /** Cuts all viewers off and stops to listen. */
  close(): Promise<void>;
}

/** A VNC server on 127.0.0.1, right or with a fault on purpose; `port` 0 lets the system choose. */
export function startFakeRfbServer(options: FakeRfbOptions & { readonly port?: number } = {}): Promise<FakeRfbServer> {
  const sessions: FakeRfbSession[] = [];
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sessions.push(new FakeRfbSession(socket, options));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const close = (): Promise<void> =>
        new Promise((closed) => {
          for (const session of sessions) session.dispose();
          server.close(() => closed());
        });
      resolve({
        port,
        address: `127.0.0.1:${port}`,
        sessions,
        close,
        dispose: () => {
          for (const session of sessions) session.dispose();
          server.close();
        },
      });
    });
  });
}
