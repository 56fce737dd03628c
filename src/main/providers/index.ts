import type { Provider } from "./provider.ts";
import { sampleProvider } from "./sample/sample-provider.ts";

/** All providers, in the order in which they are asked what an address means. The only file that names them. */
export const PROVIDERS: readonly Provider[] = [sampleProvider];

export { formatAddressBookFile, parseAddressBookFile } from "./address-book/address-book-file.ts";
