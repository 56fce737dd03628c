/** The kinds of address that the dialog can put together, and what each needs. */
export interface AddressParts {
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

export const NO_PARTS: AddressParts = { user: "", host: "", port: "", path: "" };

export interface AddressKind {
  readonly id: string;
  readonly label: string;
  readonly needs: readonly (keyof AddressParts)[];
  /** Port when none is given, shown as a hint. */
  readonly usualPort?: string;
  readonly examplePath?: string;
  readonly build: (parts: AddressParts) => string;
  readonly example: string;
  readonly meaning: string;
}

/** An IPv6 address goes into brackets (RFC 3986, section 3.2.2). */
function authority({ user, host, port }: AddressParts): string {
  const name = host.trim();
  const bracketed = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  return `${user.trim() === "" ? "" : `${encodeURIComponent(user.trim())}@`}${bracketed}${port.trim() === "" ? "" : `:${port.trim()}`}`;
}

const path = (parts: AddressParts): string => {
  const plain = parts.path.trim();
  return plain === "" || plain.startsWith("/") ? plain : `/${plain}`;
};

export const ADDRESS_KINDS: readonly AddressKind[] = [
  {
    id: "libvirt-ssh",
    label: "libvirt on another computer, over SSH",
    needs: ["user", "host", "port"],
    usualPort: "22",
    build: (parts) => `qemu+ssh://${authority(parts)}/system`,
    example: "qemu+ssh://root@rack-a/system",
    meaning: "libvirt over SSH; needs only an SSH login there",
  },
  {
    id: "libvirt-local",
    label: "libvirt on this computer",
    needs: [],
    build: () => "qemu:///system",
    example: "qemu:///system",
    meaning: "libvirt on this computer; qemu:///session for your own guests",
  },
  {
    id: "libvirt-tls",
    label: "libvirt on another computer, over TLS",
    needs: ["host", "port"],
    usualPort: "16514",
    build: (parts) => `qemu+tls://${authority({ ...parts, user: "" })}/system`,
    example: "qemu+tls://rack-a/system",
    meaning: "libvirt over TLS, with the usual certificate files",
  },
  {
    id: "qmp-unix",
    label: "One QEMU, by its QMP socket",
    needs: ["path"],
    examplePath: "/run/vm/qmp.sock",
    build: (parts) => `qmp+unix://${path(parts)}`,
    example: "qmp+unix:///run/vm/qmp.sock",
    meaning: "one QEMU on this computer, started without libvirt",
  },
  {
    id: "qmp-tcp",
    label: "One QEMU, by its QMP port",
    needs: ["host", "port"],
    build: (parts) => `qmp+tcp://${authority({ ...parts, user: "" })}`,
    example: "qmp+tcp://10.0.0.7:4444",
    meaning: "one QEMU by its QMP port",
  },
  {
    id: "vnc",
    label: "One screen, over VNC",
    needs: ["host", "port"],
    usualPort: "5900",
    build: (parts) => `vnc://${authority({ ...parts, user: "" })}`,
    example: "vnc://10.0.0.9:5900",
    meaning: "one VNC server; it goes into the address book",
  },
  {
    id: "telnet",
    label: "One text console, over telnet",
    needs: ["host", "port"],
    usualPort: "23",
    build: (parts) => `telnet://${authority({ ...parts, user: "" })}`,
    example: "telnet://10.0.0.5:23",
    meaning: "one text console; it goes into the address book",
  },
  {
    id: "serial-tcp",
    label: "One serial port on the network",
    needs: ["host", "port"],
    build: (parts) => `tcp://${authority({ ...parts, user: "" })}`,
    example: "tcp://10.0.0.6:7001",
    meaning: "a raw serial port, as ser2net and console servers offer it",
  },
];

/** Whether there is enough to make an address; user and port have usual values. */
export function isComplete(kind: AddressKind, parts: AddressParts): boolean {
  return kind.needs.every((part) => (part !== "host" && part !== "path") || parts[part].trim() !== "");
}

const PASSWORD_IN_URI = /^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):([^/?#@]*)@/i;

/** Whether somebody typed `user:password@`. */
export function hasPassword(uri: string): boolean {
  return (PASSWORD_IN_URI.exec(uri.trim())?.[2] ?? "") !== "";
}

export function withoutPassword(uri: string): string {
  return uri.trim().replace(PASSWORD_IN_URI, (_, before: string) => (before.endsWith("//") ? before : `${before}@`));
}
