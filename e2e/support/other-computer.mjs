// Loaded before the agent's program: makes this process believe that it runs on another computer. Its name, some of its
// files and its clock differ; everything else is real.
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';

const { env } = process;

os.hostname = () => env.TEST_COMPUTER_NAME;

if (env.TEST_COMPUTER_ADDRESS) {
  os.networkInterfaces = () => ({
    eth0: [
      {
        address: env.TEST_COMPUTER_ADDRESS,
        netmask: '255.255.255.0',
        family: 'IPv4',
        mac: `02:00:${env.TEST_COMPUTER_ADDRESS.split('.')
          .map((part) => Number(part).toString(16).padStart(2, '0'))
          .join(':')}`,
        internal: false,
        cidr: `${env.TEST_COMPUTER_ADDRESS}/24`,
      },
    ],
  });
}

const openSync = fs.openSync;
fs.openSync = (path, ...rest) => {
  if (path === '/proc/cpuinfo') hold();
  const own = typeof path === 'string' ? join(env.TEST_COMPUTER_FILES, path) : undefined;
  return openSync(own !== undefined && existsSync(own) ? own : path, ...rest);
};

// Stands still in the middle of an inventory for as long as the file is there, and says so by a second file.
function hold() {
  const file = env.TEST_COMPUTER_HOLD_FILE;
  if (!existsSync(file)) return;
  fs.writeFileSync(`${file}.reached`, '');
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(file)) Atomics.wait(nothing, 0, 0, 50);
}

const shiftMs = Number(env.TEST_COMPUTER_CLOCK_SHIFT_MS);
if (shiftMs !== 0) {
  const RealDate = Date;
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }
    static now() {
      return now();
    }
  };
}

syncBuiltinESMExports();
