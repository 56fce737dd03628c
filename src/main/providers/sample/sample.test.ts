import { describeProvider } from "../../../testing/describe-provider.ts";
import { sampleProvider } from "./sample-provider.ts";
import { guestIdOf, HostId } from "../../../shared/contracts/ids.ts";

describeProvider("sample", () => ({
  provider: sampleProvider,
  uri: "sample:",
  wrongUris: ["sample://elsewhere"],
  changeGuest: async (link) => {
    const depot = guestIdOf(HostId.parse("test-host"), "depot");
    await link.capabilities.power?.(depot, "start", { signal: new AbortController().signal });
  },
}));
