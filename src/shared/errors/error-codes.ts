/**
 * Every error code that a user can meet, with the hop where it belongs and what it says. `docs/errors.md` lists the
 * same codes; a test keeps the two equal. `{name}` in a text is filled from the error's `detail`.
 *
 * Hops, in the order in which a console opens (design, "Errors"): resolve → connect → ssh → tls → login → ticket →
 * protocol → first-frame. `inventory`, `settings` and `app` are for what is not a console's path.
 */
export const HOPS = [
  "resolve",
  "connect",
  "ssh",
  "tls",
  "login",
  "ticket",
  "protocol",
  "first-frame",
  "inventory",
  "settings",
  "app",
] as const;
export type Hop = (typeof HOPS)[number];

interface ErrorText {
  readonly hop: Hop;
  /** What failed, for the user: one sentence. */
  readonly text: string;
  /** What the user can do about it: one sentence, or none. */
  readonly act?: string;
}

const CODES = {
  CANCELLED: { hop: "app", text: "Cancelled." },
  BUG: { hop: "app", text: "Something in Switchyard itself failed.", act: "Please report it with the log file." },
  INVALID_REQUEST: { hop: "app", text: "The request was not understood: {reason}." },
  NOT_FOUND: { hop: "inventory", text: "{what} is not there any more." },
  UNSUPPORTED: { hop: "app", text: "{what} is not possible here: {reason}." },
  GATEWAY_LOST: {
    hop: "app",
    text: "The connection to Switchyard's own process was lost.",
    act: "It reconnects by itself.",
  },

  URI_INVALID: {
    hop: "resolve",
    text: "“{uri}” is not an address that Switchyard knows: {reason}.",
    act: "--help and the add-host dialog list the addresses.",
  },
  CONNECTION_FILE_INVALID: {
    hop: "resolve",
    text: "The connection file could not be used: {reason}.",
    act: "Fetch it again from where it came.",
  },
  NAME_NOT_FOUND: {
    hop: "resolve",
    text: "No address is known for the name {host}.",
    act: "Check the spelling and the DNS or hosts file.",
  },
  CONNECT_REFUSED: {
    hop: "connect",
    text: "Connection refused at {address}.",
    act: "Nothing listens there; check that the service runs.",
  },
  CONNECT_TIMEOUT: {
    hop: "connect",
    text: "No answer from {address} within {seconds} s.",
    act: "Check the network, a firewall, or whether the host is on.",
  },
  CONNECT_UNREACHABLE: { hop: "connect", text: "There is no route to {address}.", act: "Check the network or VPN." },
  CONNECT_FAILED: { hop: "connect", text: "Could not connect to {address}: {reason}." },
  CONNECTION_LOST: { hop: "connect", text: "The connection to {address} was lost.", act: "It reconnects by itself." },
  PROXY_REFUSED: {
    hop: "connect",
    text: "The proxy {proxy} would not connect: {reason}.",
    act: "A ticket of a connection file may have expired: fetch a new file.",
  },
  SOCKET_MISSING: { hop: "connect", text: "There is no socket at {path}.", act: "Start the service that makes it." },
  SOCKET_DENIED: {
    hop: "connect",
    text: "No permission to open {path}.",
    act: "Join the group that owns it (for libvirt: “libvirt”), then log in again.",
  },

  SSH_FAILED: { hop: "ssh", text: "SSH to {address} failed: {reason}." },
  SSH_HOST_KEY_CHANGED: {
    hop: "ssh",
    text: "The SSH host key of {address} is not the one known from before.",
    act: "Someone may be listening in. If the host was reinstalled, remove its old line from known_hosts.",
  },
  SSH_HOST_KEY_REFUSED: { hop: "ssh", text: "The SSH host key of {address} was not accepted." },
  SSH_LOGIN_REFUSED: {
    hop: "login",
    text: "SSH login as {user} at {address} was refused.",
    act: "Check the user name, key or password.",
  },
  SSH_FORWARD_REFUSED: {
    hop: "ssh",
    text: "The SSH server at {address} would not forward to {target}.",
    act: "Check AllowTcpForwarding and AllowStreamLocalForwarding, and that the target exists.",
  },

  TLS_FAILED: { hop: "tls", text: "TLS with {address} failed: {reason}." },
  TLS_UNTRUSTED: { hop: "tls", text: "The certificate of {address} is not trusted: {reason}." },
  TLS_CHANGED: {
    hop: "tls",
    text: "The certificate of {address} is not the one that was accepted before.",
    act: "Someone may be listening in. If it was renewed, forget the old one in the settings.",
  },
  TLS_FILE: { hop: "tls", text: "The certificate file {path} could not be used: {reason}." },
  TLS_UNSUPPORTED: {
    hop: "tls",
    text: "{address} offers only TLS without a certificate, which cannot be checked.",
    act: "Give the server an X.509 certificate.",
  },
  TLS_NEEDED: {
    hop: "tls",
    text: "{address} is open over TLS only, and its TLS port is not known.",
    act: "Add the port to the address: spice://host?tls-port=5901.",
  },

  LOGIN_REFUSED: { hop: "login", text: "{address} refused the login.", act: "Try again with another password." },
  LOGIN_NOT_ALLOWED: {
    hop: "login",
    text: "{address} does not allow it: {reason}.",
    act: "For libvirt: join its group “libvirt”, or run a polkit agent, then log in again.",
  },
  LOGIN_NEEDED: { hop: "login", text: "{address} asks for a login and nobody is there to give it." },
  LOGIN_UNSUPPORTED: { hop: "login", text: "{address} asks for a login method that is not supported: {method}." },
  LOGIN_TOO_MANY: {
    hop: "login",
    text: "{address} refuses further tries for now.",
    act: "Wait a minute, then try again.",
  },

  TICKET_INVALID: {
    hop: "ticket",
    text: "The right to open this console was used or has expired.",
    act: "Open it again.",
  },
  CONSOLE_UNAVAILABLE: { hop: "ticket", text: "This console cannot be opened: {reason}." },
  GUEST_OFF: { hop: "ticket", text: "The guest is not running.", act: "Start it; the console then opens by itself." },
  CONSOLE_BUSY: { hop: "ticket", text: "Somebody else uses this console.", act: "Take it over, or wait." },

  CHANNEL_REFUSED: { hop: "protocol", text: "{address} refused the {channel} channel: {reason}." },
  PROTOCOL_MISMATCH: { hop: "protocol", text: "{address} does not speak {protocol}: {reason}." },
  PROTOCOL_ERROR: { hop: "protocol", text: "{address} sent something that {protocol} does not allow: {reason}." },
  PROTOCOL_LIMIT: { hop: "protocol", text: "{address} sent more than is accepted: {reason}." },
  PROTOCOL_TIMEOUT: { hop: "protocol", text: "{address} stopped answering in the middle of {act}." },
  REMOTE_CLOSED: { hop: "protocol", text: "{address} closed the connection.", act: "It reconnects by itself." },
  FIRST_FRAME_TIMEOUT: { hop: "first-frame", text: "{address} is connected but sent no picture within {seconds} s." },
  FRAMEBUFFER_TOO_LARGE: {
    hop: "first-frame",
    text: "{address} wants a picture of {width} × {height}, more than is accepted.",
  },

  HOST_REPLY: { hop: "inventory", text: "{address} answered with an error: {reason}." },
  HOST_ACTION_FAILED: { hop: "inventory", text: "{action} failed: {reason}." },

  SETTINGS_INVALID: {
    hop: "settings",
    text: "The settings file could not be read: {reason}.",
    act: "It was set aside as {path}; defaults are in use.",
  },
  SETTINGS_UNREADABLE: {
    hop: "settings",
    text: "The settings file {path} could not be read: {reason}.",
    act: "Check its owner and permissions, or start with --config and another folder.",
  },
  SETTINGS_IN_USE: {
    hop: "settings",
    text: "Switchyard runs already with the settings in {path} (process {pid}).",
    act: "Use its window, end it, or start with --config and another folder.",
  },
  SETTINGS_WRITE_FAILED: { hop: "settings", text: "The settings could not be saved at {path}: {reason}." },
  IMPORT_INVALID: { hop: "settings", text: "The file could not be imported: {reason}." },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof CODES;

export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = CODES;

export const ERROR_CODES = Object.keys(CODES) as ErrorCode[];
