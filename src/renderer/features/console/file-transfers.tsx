import { X } from "lucide-react";
import type { FileTransfer } from "../../sessions/session.ts";
import { useCommands } from "../../store/commands-context.ts";
import type { Tab } from "../../store/state.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Progress } from "../../ui/progress.tsx";

const BYTES_PER_UNIT = 1024;
const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** "3.4 MB" */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= BYTES_PER_UNIT && unit < UNITS.length - 1) {
    size /= BYTES_PER_UNIT;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : String(Math.round(size))} ${UNITS[unit] ?? ""}`;
}

function statusText({ sentBytes, sizeBytes, end }: FileTransfer): string {
  if (end === undefined) return `${sizeText(sentBytes)} of ${sizeText(sizeBytes)}`;
  return end.isSuccess ? "in the guest" : end.problem;
}

/** Files on their way to the shown guest, each with its progress and a way to stop it. */
export function FileTransfers({ tab }: { readonly tab: Tab }) {
  const commands = useCommands();
  const files = tab.files ?? [];
  if (files.length === 0) return null;
  return (
    <ul className="console-files" aria-label="Files to the guest">
      {files.map((file) => (
        <li key={file.id} className="console-file">
          <span className="console-file-name">{file.name}</span>
          <span className="console-file-status" data-failed={file.end?.isSuccess === false || undefined}>
            {statusText(file)}
          </span>
          <IconButton
            label={file.end === undefined ? `Stop ${file.name}` : `Dismiss ${file.name}`}
            size="small"
            tooltipSide="left"
            onClick={() => {
              commands.cancelFile(tab.id, file.id);
              commands.focusConsole();
            }}
          >
            <X />
          </IconButton>
          {file.end === undefined && (
            <Progress
              label={`Progress of ${file.name}`}
              fraction={file.sizeBytes === 0 ? undefined : file.sentBytes / file.sizeBytes}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
