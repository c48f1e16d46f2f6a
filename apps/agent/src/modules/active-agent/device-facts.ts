import { access, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunProgram } from '../../platform/program-output.ts';
import { isVirtualInterface } from './lan/segments.ts';

/** What a system says of its power and of its ways out. */
export interface DeviceFacts {
  readonly isOnMains: boolean;
  readonly isMetered: boolean;
  readonly isOnVpn: boolean;
  /** Names of interfaces that are radio. */
  readonly wireless: ReadonlySet<string>;
  readonly freeDiskBytes: number;
}

export interface DeviceFactsNeeds {
  readonly platform: NodeJS.Platform;
  readonly run: RunProgram;
  /** On whose volume files for members are kept. */
  readonly folder: string;
  /** In the place of `/` on Linux. */
  readonly root?: string;
}

type SystemFacts = Omit<DeviceFacts, 'freeDiskBytes'>;

/** Where nothing can be learned: a computer like most that stand in an office. */
const usual: SystemFacts = { isOnMains: true, isMetered: false, isOnVpn: false, wireless: new Set() };

/**
 * Reads what the fitness needs of the system. Linux is read from its files, and NetworkManager asked where it runs; the ways of Windows
 * and macOS are written against their documentation and have not run on those systems yet. What cannot be read counts as usual.
 */
export async function readDeviceFacts(needs: DeviceFactsNeeds): Promise<DeviceFacts> {
  const [system, freeDiskBytes] = await Promise.all([readSystem(needs), readFreeBytes(needs.folder)]);
  return { ...system, freeDiskBytes };
}

async function readSystem({ platform, run, root = '/' }: DeviceFactsNeeds): Promise<SystemFacts> {
  if (platform === 'linux') return await readLinux(run, root);
  if (platform === 'darwin') return await readMacOs(run);
  if (platform === 'win32') return await readWindows(run);
  return usual;
}

async function readFreeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // A volume that cannot be asked is none to keep files on.
    return Number.NaN;
  }
}

async function readLinux(run: RunProgram, root: string): Promise<SystemFacts> {
  const [isOnMains, wireless, isOnVpn, metered] = await Promise.all([
    readLinuxPower(join(root, 'sys/class/power_supply')),
    readLinuxWireless(join(root, 'sys/class/net')),
    readLinuxVpn(join(root, 'proc/net')),
    run('busctl', [
      '--system',
      'get-property',
      'org.freedesktop.NetworkManager',
      '/org/freedesktop/NetworkManager',
      'org.freedesktop.NetworkManager',
      'Metered',
    ]),
  ]);
  // NMMetered: 1 is yes, 3 is a guess that it is.
  return { isOnMains, wireless, isOnVpn, isMetered: /^u [13]\s*$/.test(metered ?? '') };
}

/** On a battery: there is one of the computer itself, and nothing that feeds it is connected. */
async function readLinuxPower(folder: string): Promise<boolean> {
  let hasBattery = false;
  for (const name of await listNames(folder)) {
    const read = async (file: string): Promise<string> => await readText(join(folder, name, file));
    const type = await read('type');
    if (type !== 'Battery' && (await read('online')) === '1') return true;
    // That of a mouse says "Device".
    if (type === 'Battery' && (await read('scope')) !== 'Device') hasBattery = true;
  }
  return !hasBattery;
}

async function readLinuxWireless(folder: string): Promise<ReadonlySet<string>> {
  const wireless = new Set<string>();
  for (const name of await listNames(folder)) {
    const marks = ['wireless', 'phy80211'].map(async (mark) => await exists(join(folder, name, mark)));
    if ((await Promise.all(marks)).includes(true)) wireless.add(name);
  }
  return wireless;
}

/** The default route leads into a tunnel. */
async function readLinuxVpn(folder: string): Promise<boolean> {
  const lines = (await readText(join(folder, 'route'))).split('\n');
  const defaults = lines.flatMap((line) => {
    const [name = '', destination, , , , , , mask] = line.split(/\s+/);
    return destination === '00000000' && mask === '00000000' ? [name] : [];
  });
  return defaults.some(isVirtualInterface);
}

async function readMacOs(run: RunProgram): Promise<SystemFacts> {
  const [power, ports, route] = await Promise.all([
    run('/usr/bin/pmset', ['-g', 'batt']),
    run('/usr/sbin/networksetup', ['-listallhardwareports']),
    run('/sbin/route', ['-n', 'get', 'default']),
  ]);
  const wireless = [...(ports ?? '').matchAll(/Hardware Port: (?:Wi-Fi|AirPort)\s+Device: (\w+)/g)];
  const way = /interface: (\w+)/.exec(route ?? '')?.[1];
  return {
    ...usual,
    isOnMains: !/drawing from 'Battery Power'/.test(power ?? ''),
    isOnVpn: way !== undefined && isVirtualInterface(way),
    wireless: new Set(wireless.flatMap(([, device]) => device ?? [])),
  };
}

/** One start of PowerShell for everything: it takes a second. */
const WINDOWS_SCRIPT = `
$p = @(Get-CimInstance -Namespace root/wmi -ClassName BatteryStatus -ErrorAction SilentlyContinue)
$i = (Get-NetRoute -DestinationPrefix 0.0.0.0/0 -ErrorAction SilentlyContinue | Sort-Object RouteMetric | Select-Object -First 1).InterfaceAlias
[void][Windows.Networking.Connectivity.NetworkInformation, Windows, ContentType = WindowsRuntime]
$c = [Windows.Networking.Connectivity.NetworkInformation]::GetInternetConnectionProfile()
@{ mains = ($p.Count -eq 0 -or @($p | Where-Object PowerOnline).Count -gt 0)
   metered = ($null -ne $c -and $c.GetConnectionCost().NetworkCostType -ne 'Unrestricted' -and $c.GetConnectionCost().NetworkCostType -ne 'Unknown')
   way = "$i"
   wireless = @(Get-NetAdapter -Physical -ErrorAction SilentlyContinue | Where-Object PhysicalMediaType -like '*802.11*' | ForEach-Object Name)
} | ConvertTo-Json -Compress`;

async function readWindows(run: RunProgram): Promise<SystemFacts> {
  const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', WINDOWS_SCRIPT];
  return parseWindows((await run('powershell.exe', args)) ?? '');
}

/** What the script prints; anything else counts as usual. */
export function parseWindows(text: string): SystemFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return usual;
  }
  if (typeof value !== 'object' || value === null) return usual;
  const { mains, metered, way, wireless } = value as Readonly<Record<string, unknown>>;
  return {
    isOnMains: mains !== false,
    isMetered: metered === true,
    isOnVpn: typeof way === 'string' && isVirtualInterface(way),
    wireless: new Set(Array.isArray(wireless) ? wireless.filter((name) => typeof name === 'string') : []),
  };
}

async function listNames(folder: string): Promise<readonly string[]> {
  // A computer without it, or a container.
  return await readdir(folder).catch(() => []);
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
