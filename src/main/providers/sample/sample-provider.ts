import { AppError, cancelled } from "../../../shared/errors/app-error.ts";
import type { Provider } from "../provider.ts";
import { SampleLink } from "./sample-link.ts";
import { SAMPLE_PLANS } from "./sample-plans.ts";

const SAMPLE_URI = "sample:";

/** Guests inside this process: moving screens, a sketch pad, a text console. Real protocol bytes, no machine needed. */
export const sampleProvider: Provider = {
  kind: "sample",
  examples: [{ uri: SAMPLE_URI, meaning: "guests inside Switchyard, to try it out" }],

  parse(uri) {
    if (!/^sample:/i.test(uri)) return undefined;
    if (!/^sample:(\/\/)?\/?$/i.test(uri)) {
      throw new AppError("URI_INVALID", "the sample guests have one address", { uri, reason: "write just sample:" });
    }
    return { kind: "sample", uri: SAMPLE_URI, label: "Sample guests" };
  },

  connect(_config, context, { signal }) {
    if (signal.aborted) return Promise.reject(cancelled());
    return Promise.resolve(new SampleLink(SAMPLE_PLANS, context.hostId, Date.now));
  },
};
