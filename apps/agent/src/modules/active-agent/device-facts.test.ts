import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { parseWindows, readDeviceFacts } from './device-facts.ts';

const ROUTES = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n';
const routeBy = (name: string): string => `${ROUTES}${name}\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\n`;

async function readLinux(t: TestContext, files: Readonly<Record<string, string>>, metered?: string) {
  const root = createTemporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `${text}\n`);
  }
  return await readDeviceFacts({ platform: 'linux', run: async () => metered, folder: root, root });
}

test('a desktop without any battery is on mains, and so is a laptop that is plugged in', async (t) => {
  assert.equal((await readLinux(t, {})).isOnMains, true);
  const battery = { 'sys/class/power_supply/BAT0/type': 'Battery' };
  assert.equal((await readLinux(t, battery)).isOnMains, false);
  const plugged = { 'sys/class/power_supply/AC/type': 'Mains', 'sys/class/power_supply/AC/online': '1' };
  assert.equal((await readLinux(t, { ...battery, ...plugged })).isOnMains, true);
  const unplugged = { ...plugged, 'sys/class/power_supply/AC/online': '0' };
  assert.equal((await readLinux(t, { ...battery, ...unplugged })).isOnMains, false);
});

test('the battery of a mouse is none of the computer', async (t) => {
  const mouse = {
    'sys/class/power_supply/hidpp_battery_0/type': 'Battery',
    'sys/class/power_supply/hidpp_battery_0/scope': 'Device',
  };
  assert.equal((await readLinux(t, mouse)).isOnMains, true);
});

test('radio, tunnels and metered ways are told', async (t) => {
  const facts = await readLinux(
    t,
    {
      'sys/class/net/wlan0/phy80211/name': 'phy0',
      'sys/class/net/eth0/address': 'x',
      'proc/net/route': routeBy('wg0'),
    },
    'u 1\n',
  );
  assert.deepEqual([...facts.wireless], ['wlan0']);
  assert.deepEqual([facts.isOnVpn, facts.isMetered], [true, true]);
  const other = await readLinux(t, { 'proc/net/route': routeBy('eth0') }, 'u 4\n');
  assert.deepEqual([other.isOnVpn, other.isMetered], [false, false]);
  assert.equal((await readLinux(t, {})).isMetered, false, 'without NetworkManager nobody knows');
  assert.equal((await readLinux(t, {}, 'u 3')).isMetered, true, 'a guess counts');
});

test('the free space is that of the volume, and of none where there is no folder', async (t) => {
  assert.ok((await readLinux(t, {})).freeDiskBytes > 0);
  const nowhere = join(createTemporaryFolder(t), 'none');
  const facts = await readDeviceFacts({ platform: 'aix', run: async () => undefined, folder: nowhere });
  assert.ok(Number.isNaN(facts.freeDiskBytes));
});

test('macOS: what its tools print', async () => {
  const answers: Readonly<Record<string, string>> = {
    '/usr/bin/pmset': "Now drawing from 'Battery Power'\n -InternalBattery-0 80%",
    '/usr/sbin/networksetup':
      'Hardware Port: Wi-Fi\nDevice: en0\nEthernet Address: x\n\nHardware Port: Ethernet\nDevice: en1\n',
    '/sbin/route': '   route to: default\n  interface: utun3\n',
  };
  const facts = await readDeviceFacts({
    platform: 'darwin',
    run: async (file) => answers[file],
    folder: '/',
  });
  assert.deepEqual([facts.isOnMains, facts.isOnVpn, [...facts.wireless]], [false, true, ['en0']]);
});

test('Windows: what the script prints, and nonsense', () => {
  const facts = parseWindows('{"mains":false,"metered":true,"way":"Office VPN","wireless":["Wi-Fi",7]}');
  assert.deepEqual(
    [facts.isOnMains, facts.isMetered, facts.isOnVpn, [...facts.wireless]],
    [false, true, true, ['Wi-Fi']],
  );
  for (const text of ['', 'null', '[]', '{}', '7', '{"wireless":"x"}', 'x'.repeat(1_000)]) {
    assert.equal(parseWindows(text).isOnMains, true, text);
  }
});
