import { asAppError } from "../../shared/errors/app-error.ts";
import type { Commands } from "../store/commands.ts";
import type { PageParts } from "./page-parts.ts";

type HostCommands = Pick<
  Commands,
  | "power"
  | "powerConfirmed"
  | "describeUri"
  | "addHost"
  | "editHost"
  | "removeHost"
  | "retryHost"
  | "discover"
  | "answer"
  | "changeSettings"
  | "listTrust"
  | "forgetTrust"
  | "putAddressBookEntry"
  | "removeAddressBookEntry"
  | "importAddressBook"
  | "exportAddressBook"
  | "pictureUrl"
>;

/** What is asked of the host process. */
export function createHostCommands({ api, actions, speaker }: PageParts): HostCommands {
  const call: PageParts["api"]["call"] = async (method, params, options) => {
    try {
      return await api.call(method, params, options);
    } catch (error) {
      throw asAppError(error);
    }
  };

  const powerConfirmed: Commands["powerConfirmed"] = async (guestId, action) => {
    await call("guests.power", { guestId, action });
  };

  return {
    power: (guestId, action) => {
      switch (action) {
        case "shutdown":
        case "reboot":
        case "reset":
        case "force-off":
          actions.setOverlay({ kind: "confirm-power", guestId, action });
          return;
        case "start":
        case "pause":
        case "resume":
          powerConfirmed(guestId, action).catch(speaker.tell);
      }
    },
    powerConfirmed,
    describeUri: (uri, options) => call("hosts.describe", { uri }, options),
    addHost: async (host) => (await call("hosts.add", host)).hostId,
    editHost: async (hostId, { uri, label }) =>
      (await call("hosts.edit", { hostId, uri, ...(label === undefined ? {} : { label }) })).hostId,
    removeHost: async (hostId) => {
      await call("hosts.remove", { hostId });
    },
    retryHost: (hostId) => {
      call("hosts.retry", { hostId }).catch(speaker.tell);
    },
    discover: async () => (await call("hosts.discover", {})).findings,
    answer: async (questionId, answer) => {
      await call("questions.answer", { questionId, answer });
    },
    changeSettings: async (patch) => {
      await call("settings.change", patch);
    },
    listTrust: async () => (await call("trust.list", {})).certificates,
    forgetTrust: async (target) => {
      await call("trust.forget", { target });
    },
    putAddressBookEntry: async (entry) => {
      await call("addressBook.put", entry);
    },
    removeAddressBookEntry: async (id) => {
      await call("addressBook.remove", { id });
    },
    importAddressBook: (text) => call("addressBook.import", { text }),
    exportAddressBook: async () => (await call("addressBook.export", {})).text,
    pictureUrl: (guestId, version) => api.pictureUrl(guestId, version),
  };
}
