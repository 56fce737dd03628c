import { join } from "node:path";
import { Settings, type SettingsPatch } from "../../shared/contracts/settings.ts";
import { Layout } from "../../shared/contracts/layout.ts";
import type { AppError } from "../../shared/errors/app-error.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { JsonFile } from "./json-file.ts";

/** The settings and the layout, in memory and on the disk. */
export class SettingsStore {
  readonly #settingsFile: JsonFile<typeof Settings>;
  readonly #layoutFile: JsonFile<typeof Layout>;
  readonly #onChange = new Emitter<Settings>();
  #settings: Settings;
  #layout: Layout;
  /** What was found broken at start. */
  readonly problems: readonly AppError[];
  readonly onChange = this.#onChange.event;

  static async load(folder: string): Promise<SettingsStore> {
    const settingsFile = new JsonFile({ path: join(folder, "settings.json"), schema: Settings });
    const layoutFile = new JsonFile({ path: join(folder, "state.json"), schema: Layout });
    const [settings, layout] = [await settingsFile.load(), await layoutFile.load()];
    const problems = [settings.problem, layout.problem].filter((problem) => problem !== undefined);
    return new SettingsStore(settingsFile, layoutFile, settings.value, layout.value, problems);
  }

  private constructor(
    settingsFile: JsonFile<typeof Settings>,
    layoutFile: JsonFile<typeof Layout>,
    settings: Settings,
    layout: Layout,
    problems: readonly AppError[],
  ) {
    this.#settingsFile = settingsFile;
    this.#layoutFile = layoutFile;
    this.#settings = settings;
    this.#layout = layout;
    this.problems = problems;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** Takes effect at once; resolves when it is on the disk. */
  async change(patch: SettingsPatch | Pick<Settings, "hosts"> | Pick<Settings, "addressBook">): Promise<void> {
    this.#settings = Settings.parse({ ...this.#settings, ...patch });
    this.#onChange.fire(this.#settings);
    await this.#settingsFile.save(this.#settings);
  }

  async saveLayout(layout: Layout): Promise<void> {
    this.#layout = layout;
    await this.#layoutFile.save(layout);
  }
}
