import type { ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import type { HttpProxy } from "../../transport/http-proxy.ts";
import type { SpiceServer } from "../../transport/spice-server.ts";

/** Where a console of the address book is. */
export type ConsoleAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Where a SPICE server of the address book is. One of `plain` and `secure` at least. */
export interface SpiceAddress extends Pick<
  SpiceServer,
  "plain" | "secure" | "certificate" | "secureChannels" | "disabledChannels"
> {
  readonly proxy?: HttpProxy | undefined;
}

/** One console and how it is reached, from its address or from a connection file. */
export interface AddressBookUri {
  readonly protocol: ConsoleProtocol & ("vnc" | "serial" | "spice");
  /** Serial only: the bytes are telnet's. */
  readonly isTelnet: boolean;
  /** Of SPICE's two places the first. */
  readonly address: ConsoleAddress;
  /** SPICE only. */
  readonly spice?: SpiceAddress | undefined;
  /** Normalised, without user name and password. */
  readonly uri: string;
  /** "rack-a:5901", "/run/vm/vnc.sock". */
  readonly label: string;
  readonly userName: string | undefined;
  readonly password: string | undefined;
}
