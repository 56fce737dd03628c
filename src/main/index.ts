import { drop } from "../shared/lifecycle/drop.ts";
import { runInElectron } from "./electron/run-in-electron.ts";

// The entry under Electron; `web.ts` is the one without. Not awaited: Electron is ready only after this module has loaded.
drop(runInElectron(process.argv));
