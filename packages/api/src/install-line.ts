import { agentDownloadPath, installScriptName, maxInstallScriptBytes } from './installation.ts';

export interface InstallLineParts {
  /** Where the device finds the server, e.g. `https://host:8443`. */
  readonly address: string;
  /** Of the script that the server serves at this moment. */
  readonly scriptSha256: string;
  /** Absent: the script asks for it at the terminal. */
  readonly tokenString?: string | undefined;
}

export interface OfflineInstallLineParts extends Omit<InstallLineParts, 'address'> {
  readonly archiveFileName: string;
}

const CHANGED =
  'holdfast: The script is not the one of this line. Nothing was run. Copy a new line from the console.';

// The script has some kilobytes. What is sent in its place fills no disk and does not take for ever.
const CURL_BOUNDS = `--max-time 60 --max-filesize ${maxInstallScriptBytes}`;

/**
 * The line that installs an agent, as it is typed on the device. The device does not know the server's authority yet, so the
 * connection proves nothing; the script is run only if it has the checksum of the line. The token goes by standard input, which no
 * list of processes shows; `echo` is a part of the shell. The blank in front keeps the line out of the history of most shells.
 */
export function formatInstallLine({ address, scriptSha256, tokenString }: InstallLineParts): string {
  const url = quote(`${address}${agentDownloadPath}/${installScriptName}`);
  return lineOf(`curl -fsSk -o "$f" ${CURL_BOUNDS} ${url}`, quote(address), scriptSha256, tokenString);
}

/**
 * The same where script and archive were brought by hand, typed in the folder that holds them. A copy is checked and run: others may
 * be able to write to that folder.
 */
export function formatOfflineInstallLine(parts: OfflineInstallLineParts): string {
  const { archiveFileName, scriptSha256, tokenString } = parts;
  return lineOf(
    `cp ${installScriptName} "$f"`,
    `--archive ${quote(archiveFileName)}`,
    scriptSha256,
    tokenString,
  );
}

/** @param bring puts the script into `$f`, a file that only whoever types the line can write to */
function lineOf(bring: string, args: string, sha256: string, tokenString: string | undefined): string {
  const check = `{ echo "${sha256}  $f" | sha256sum -c - >/dev/null || { echo ${quote(CHANGED)} >&2; rm -f "$f"; exit 3; }; }`;
  const run = `$(command -v sudo) sh "$f" ${args}`;
  const told = tokenString === undefined ? run : `echo ${quote(tokenString)} | ${run}`;
  return ` (f=$(mktemp) && ${bring} && ${check} && ${told}; c=$?; rm -f "$f"; exit $c)`;
}

/** One word for a POSIX shell, whatever stands in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
