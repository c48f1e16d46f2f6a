import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Computers on one switch, each a network namespace; the switch is one as well. Nothing of it touches the network of this computer.
 * Needs Linux, root and `ip`.
 */
export interface BridgedLan {
  /** Namespaces of the computers: number n, from 0, is 10.99.0.(n + 1). */
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  /** Puts computers on the one or the other of two switches that are not connected. */
  place(hosts: readonly number[], side: 0 | 1): Promise<void>;
  /** Takes the cable out of a computer, and puts it in again. */
  unplug(host: number): Promise<void>;
  plugIn(host: number): Promise<void>;
  /** The switch carries no multicast any more, between any of them. */
  blockMulticast(): Promise<void>;
  remove(): Promise<void>;
}

let lans = 0;

/** The reason why no such LAN can be made here, or false. */
export function findLanObstacle(): string | false {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const name = `hfl${process.pid}-try`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'exec', name, 'ip', 'link', 'add', 'br0', 'type', 'bridge'], {
      stdio: 'ignore',
    });
    return false;
  } catch {
    return 'needs ip, network namespaces and bridges';
  } finally {
    try {
      execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
    } catch {
      // It has not been made.
    }
  }
}

export async function createBridgedLan(count: number): Promise<BridgedLan> {
  lans += 1;
  const prefix = `hfl${process.pid}x${lans}`;
  const bridge = `${prefix}-switch`;
  const hosts = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  const addresses = hosts.map((_, index) => `10.99.0.${index + 1}`);
  const remove = async (): Promise<void> => {
    // Each takes its ends of the cables with it.
    for (const name of [bridge, ...hosts]) await run('ip', ['netns', 'delete', name]).catch(() => undefined);
  };
  const inside = async (namespace: string, ...args: readonly string[]): Promise<void> => {
    await run('ip', ['netns', 'exec', namespace, ...args]);
  };
  try {
    await run('ip', ['netns', 'add', bridge]);
    for (const side of [0, 1]) {
      // Without snooping a bridge carries multicast to every port, as a simple switch does.
      await inside(bridge, 'ip', 'link', 'add', `br${side}`, 'type', 'bridge', 'mcast_snooping', '0');
      await inside(bridge, 'ip', 'link', 'set', `br${side}`, 'up');
    }
    for (const [index, host] of hosts.entries()) {
      const [port, end] = [`p${index}`, `${prefix}${index}`.slice(-13)];
      await run('ip', ['netns', 'add', host]);
      await inside(host, 'ip', 'link', 'set', 'lo', 'up');
      await run('ip', [
        'link',
        'add',
        end,
        'netns',
        host,
        'type',
        'veth',
        'peer',
        'name',
        port,
        'netns',
        bridge,
      ]);
      await inside(host, 'ip', 'link', 'set', end, 'name', 'lan0');
      // Without it a link-local address can be used only after a second.
      await inside(host, 'sysctl', '-q', '-w', 'net.ipv6.conf.lan0.accept_dad=0');
      await inside(host, 'ip', 'address', 'add', `${addresses[index]}/24`, 'dev', 'lan0');
      await inside(host, 'ip', 'link', 'set', 'lan0', 'up');
      await inside(bridge, 'ip', 'link', 'set', port, 'master', 'br0');
      await inside(bridge, 'ip', 'link', 'set', port, 'up');
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    hosts,
    addresses,
    remove,
    place: async (placed, side) => {
      for (const host of placed) await inside(bridge, 'ip', 'link', 'set', `p${host}`, 'master', `br${side}`);
    },
    unplug: async (host) => await inside(hosts[host] ?? '', 'ip', 'link', 'set', 'lan0', 'down'),
    plugIn: async (host) => await inside(hosts[host] ?? '', 'ip', 'link', 'set', 'lan0', 'up'),
    blockMulticast: async () => {
      for (const [index] of hosts.entries()) {
        await inside(bridge, 'bridge', 'link', 'set', 'dev', `p${index}`, 'mcast_flood', 'off');
      }
    },
  };
}
