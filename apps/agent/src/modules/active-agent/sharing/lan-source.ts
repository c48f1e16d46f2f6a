import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { ComponentError } from '@holdfast/components';
import type { FileSource } from '@holdfast/components/client';
import { createHttpSource, toComponentError, translateErrors } from '@holdfast/components/transfer';
import type { LanKey } from '../lan/lan-key.ts';
import { lanTls, pskIdentityOf } from './lan-tls.ts';

/** A name that no resolver is ever asked for (RFC 6761): the address is known, and may have a zone, which an URL cannot say. */
const BASE = 'https://active-agent.invalid/';
const LIMITS = { headTimeoutMs: 5_000, windowMs: 20_000, maxBreaks: 3 };

export interface LanSourceOptions {
  readonly productNumber: number;
  /** With its zone where it is link-local IPv6. */
  readonly address: string;
  readonly port: number;
  readonly key: LanKey;
  /** How long it may keep this member waiting in all, as far as one file goes. */
  readonly busyPatienceMs: number;
  /** From then on it is asked for nothing more, and what is on its way breaks off. */
  readonly givenUp: AbortSignal;
}

/** An Active Agent, as somebody who has files. It is not trusted for content. */
export interface LanSource extends FileSource {
  readonly productNumber: number;
  close(): void;
}

export function createLanSource(options: LanSourceOptions): LanSource {
  const { productNumber, address, port, key, busyPatienceMs, givenUp } = options;
  const agent = new Agent({
    ...lanTls,
    port,
    keepAlive: true,
    maxSockets: 2,
    lookup: lookUpAlways(address),
    pskCallback: () => ({ psk: key.transferKey.export(), identity: pskIdentityOf(key) }),
    // There is no certificate: with these ciphers, who answers has proved that it has the key.
    checkServerIdentity: () => undefined,
  });
  const source = createHttpSource({
    name: `Active Agent ${productNumber}`,
    base: BASE.replace('invalid', `invalid:${port}`),
    agent,
    limits: { ...LIMITS, busyPatienceMs },
  });
  const assertNotGivenUp = (): void => {
    if (givenUp.aborted)
      throw new ComponentError('SOURCE_SLOW', `${source.name} took too long in all.`, { retry: 'safe' });
  };
  const toSourceError = (error: unknown): unknown => {
    assertNotGivenUp();
    return toComponentError(error);
  };
  return {
    name: source.name,
    productNumber,
    open: async (path, call) => {
      try {
        assertNotGivenUp();
        const signal = AbortSignal.any([call.signal, givenUp]);
        const bytes = await source.open(path, { ...call, signal });
        return bytes === undefined ? undefined : translateErrors(bytes, toSourceError);
      } catch (error) {
        throw toSourceError(error);
      }
    },
    close: () => {
      source.close();
      agent.destroy();
    },
  };
}

function lookUpAlways(address: string): LookupFunction {
  const family = address.includes(':') ? 6 : 4;
  return (_, { all }, done) => {
    if (all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
}
