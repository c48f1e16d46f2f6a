import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Computers of a network of its own, each a network namespace: a server, a router that translates addresses, hosts behind it, and a
 * host beside the server. Nothing of it touches the network of this computer. Needs root, `ip` and `nft`.
 *
 * ```text
 *  server 10.77.0.1 ──── 10.77.0.2 router 10.88.N.1 ──── 10.88.N.2 hosts behind, N = 1, 2, …
 *         10.77.1.1 ──── 10.77.1.2 neighbour
 * ```
 */
export interface Network {
  readonly serverAddress: string;
  readonly server: string;
  readonly neighbour: string;
  /** Namespaces of the hosts behind the router. */
  readonly hosts: readonly string[];
  /** Replaces what the router lets through; `rules` are lines of an nft chain that sees forwarded packets. */
  filter(rules: readonly string[]): Promise<void>;
  /** How long the router remembers where the answers to a datagram go. Most routers: 30 seconds and more. */
  rememberDatagramsFor(seconds: number): Promise<void>;
  /** Whether it remembers any of the first host at this moment. */
  remembersDatagrams(): Promise<boolean>;
  remove(): Promise<void>;
}

export function canMakeNetworks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('nft', ['--version'], { stdio: 'ignore' });
    const name = `hf${process.pid}-try`;
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function createNetwork(hostCount: number): Promise<Network> {
  const name = (part: string): string => `hf${process.pid}-${part}`;
  const server = name('srv');
  const router = name('nat');
  const neighbour = name('near');
  const hosts = Array.from({ length: hostCount }, (_, index) => name(`lan${index + 1}`));
  const all = [server, router, neighbour, ...hosts];
  const remove = async (): Promise<void> => {
    // Each takes its ends of the cables with it.
    for (const namespace of all) await run('ip', ['netns', 'delete', namespace]).catch(() => undefined);
  };
  try {
    for (const namespace of all) {
      await run('ip', ['netns', 'add', namespace]);
      await inside(namespace, 'ip', 'link', 'set', 'lo', 'up');
    }
    await connect([server, 'wan', '10.77.0.1'], [router, 'wan', '10.77.0.2']);
    await connect([server, 'near', '10.77.1.1'], [neighbour, 'wan', '10.77.1.2']);
    await inside(neighbour, 'ip', 'route', 'add', 'default', 'via', '10.77.1.1');
    for (const [index, host] of hosts.entries()) {
      const net = `10.88.${index + 1}`;
      await connect([router, `lan${index + 1}`, `${net}.1`], [host, 'wan', `${net}.2`]);
      await inside(host, 'ip', 'route', 'add', 'default', 'via', `${net}.1`);
    }
    await inside(router, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
    await load(router, [
      'table ip translation {',
      'chain out {',
      'type nat hook postrouting priority 100;',
      'oifname "wan" masquerade',
      '}',
      '}',
    ]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    serverAddress: '10.77.0.1',
    server,
    neighbour,
    hosts,
    remove,
    async filter(rules) {
      await inside(router, 'nft', 'delete', 'table', 'ip', 'filtering').catch(() => undefined);
      await load(router, [
        'table ip filtering {',
        'chain through {',
        'type filter hook forward priority 0;',
        ...rules,
        '}',
        '}',
      ]);
    },
    async rememberDatagramsFor(seconds) {
      for (const time of ['nf_conntrack_udp_timeout', 'nf_conntrack_udp_timeout_stream']) {
        await inside(router, 'sysctl', '-q', '-w', `net.netfilter.${time}=${seconds}`);
      }
    },
    async remembersDatagrams() {
      const { stdout } = await run('ip', ['netns', 'exec', router, 'cat', '/proc/net/nf_conntrack']);
      return stdout.split('\n').some((line) => line.includes('udp ') && line.includes('src=10.88.1.2 '));
    },
  };
}

/** The command line that runs a program in a namespace. */
export function insideNamespace(
  namespace: string | undefined,
  file: string,
  args: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  return namespace === undefined
    ? { file, args }
    : { file: 'ip', args: ['netns', 'exec', namespace, file, ...args] };
}

type End = readonly [namespace: string, device: string, address: string];

let cables = 0;

/** A cable between two namespaces. Names of devices are short: the system allows 15 characters. */
async function connect(one: End, other: End): Promise<void> {
  cables += 1;
  const ends = [`h${process.pid}a${cables}`, `h${process.pid}b${cables}`] as const;
  await run('ip', [
    'link',
    'add',
    ends[0],
    'netns',
    one[0],
    'type',
    'veth',
    'peer',
    ends[1],
    'netns',
    other[0],
  ]);
  for (const [[namespace, device, address], end] of [
    [one, ends[0]],
    [other, ends[1]],
  ] as const) {
    await inside(namespace, 'ip', 'link', 'set', end, 'name', device);
    await inside(namespace, 'ip', 'address', 'add', `${address}/24`, 'dev', device);
    await inside(namespace, 'ip', 'link', 'set', device, 'up');
  }
}

async function inside(namespace: string, ...command: readonly string[]): Promise<void> {
  await run('ip', ['netns', 'exec', namespace, ...command]);
}

async function load(namespace: string, lines: readonly string[]): Promise<void> {
  const child = run('ip', ['netns', 'exec', namespace, 'nft', '-f', '-']);
  child.child.stdin?.end(`${lines.join('\n')}\n`);
  await child;
}
