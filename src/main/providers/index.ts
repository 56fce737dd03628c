import { addressBookProvider } from "./address-book/address-book-provider.ts";
import { mdnsProvider } from "./address-book/mdns-provider.ts";
import { libvirtProvider } from "./libvirt/libvirt-provider.ts";
import type { Provider } from "./provider.ts";
import { qemuProvider } from "./qemu/qemu-provider.ts";
import { sampleProvider } from "./sample/sample-provider.ts";

/** All providers, in the order in which they are asked what an address means. The only file that names them. */
export const PROVIDERS: readonly Provider[] = [
  sampleProvider,
  qemuProvider,
  addressBookProvider,
  mdnsProvider,
  libvirtProvider,
];

export { formatAddressBookFile, parseAddressBookFile } from "./address-book/address-book-file.ts";
export { connectionFileConfig } from "./address-book/address-book-provider.ts";
