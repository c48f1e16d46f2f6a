import { existsSync } from 'node:fs';
import { AppError, type Clock } from '@holdfast/kernel';
import {
  createMcpClient,
  type EnrolmentToken,
  fetchAuthority,
  fingerprintsOf,
  McpClientError,
  type McpClient,
  McpProblem,
  type McpState,
  parseEnrolmentToken,
  type PinnedAuthority,
  planRetryMs,
  type ProductFacts,
  type RegisteredAnswer,
} from '@holdfast/protocol';
import { createAssertionSigner, type ProductKey } from '@holdfast/trust';
import { createStateNotes } from '../../platform/state-note.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { Wait } from '../../platform/timers.ts';
import { RegistrationError } from './registration.errors.ts';
import { adoptNextKey, getOrCreateProductKey, getRegisteredKey, nextKeyPathOf } from './product-key-file.ts';
import { createRegistrationStore, type Registration } from './registration.store.ts';
import { saveWaiting } from './enrolment-waiting.ts';
import { beginTrustedRepository } from './trusted-repository.ts';

const MIN_APPROVAL_WAIT_MS = 1_000;
const MAX_APPROVAL_WAIT_MS = 300_000;

export interface EnrolmentRequest {
  readonly tokenText: string;
  /** Leave the server to which this agent belongs for that of the token. */
  readonly isForced: boolean;
  /** False: answer `APPROVAL_AWAITED` instead of waiting for an administrator. */
  readonly waitsForApproval: boolean;
}

export interface EnrolmentOptions {
  readonly database: StateDatabase;
  /** File of the key pair; written when there is none and a registration begins. */
  readonly privateKeyPath: string;
  readonly facts: ProductFacts;
  readonly clock: Clock;
  readonly random: () => number;
  readonly wait: Wait;
  /** Says what is going on, for people. */
  readonly onProgress: (message: string) => void;
}

export interface EnrolmentOutcome {
  readonly state: 'enrolled' | 'already-enrolled';
  readonly registration: Registration;
  /** Reports under the former registration that were given up with it. */
  readonly droppedReportCount: number;
  /** There was a key, and no state file that knew of it: the file was lost, or moved away because it was damaged. */
  readonly isStateReplaced: boolean;
}

/**
 * Joins the server of a token. May be repeated: an agent that belongs to this server already stays as it is, and an
 * interrupted enrolment goes on with the same key and the same token.
 *
 * Invariants: nothing is sent to a server before its authority has the fingerprint of the token. No key is made while a
 * registration counts that was made under another one.
 *
 * @throws EnrolmentTokenError; AgentStateError KEY_DAMAGED; RegistrationError KEY_MISSING, ENROLLED_ELSEWHERE,
 *   APPROVAL_AWAITED; McpClientError; McpProblem
 */
export async function enrol(request: EnrolmentRequest, options: EnrolmentOptions): Promise<EnrolmentOutcome> {
  const token = parseEnrolmentToken(request.tokenText);
  const store = createRegistrationStore(options.database);
  const known = store.find();
  if (known !== undefined && !request.isForced) {
    getRegisteredKey(options.privateKeyPath, known);
    if (!(await isSameServer(token, known))) throw createElsewhereError(known);
    // The newest token knows best where the server is.
    if (known.addresses.join(' ') !== token.addresses.join(' ')) {
      options.database.transaction(() => store.saveAddresses(token.addresses));
    }
    const registration = { ...known, addresses: token.addresses };
    return { state: 'already-enrolled', registration, droppedReportCount: 0, isStateReplaced: false };
  }
  options.onProgress(`Looking for the server at ${token.addresses.join(', ')}.`);
  const hasKey = existsSync(options.privateKeyPath);
  const notes = createStateNotes(options.database);
  const isStateReplaced = hasKey && known === undefined && notes.find('enrolment-begun') === undefined;
  // A key that another computer uses too would lead to the record of that computer.
  const isKeyShared = notes.find('key-shared') !== undefined;
  const key = getOrCreateProductKey(
    isKeyShared ? nextKeyPathOf(options.privateKeyPath) : options.privateKeyPath,
  );
  // Asked about before the key, and remembered after it: a crash in between would only be told once too often.
  options.database.transaction(() => notes.save('enrolment-begun', { at: options.clock.now() }));
  const authority = await fetchProvenAuthority(token);
  const outcome = await register({ token, authority, key, known, request, options });
  if (isKeyShared) adoptNextKey(options.privateKeyPath);
  return { ...outcome, isStateReplaced };
}

/** What is said before the authority is proven may come from anybody: it refuses nothing, and is asked for again. */
async function fetchProvenAuthority({ addresses, fingerprint }: EnrolmentToken): Promise<PinnedAuthority> {
  try {
    return await fetchAuthority({ addresses, fingerprint });
  } catch (error) {
    if (!(error instanceof McpProblem)) throw error;
    throw new McpClientError(
      'SERVER_ANSWER_INVALID',
      'What answers there is no server of Holdfast, or not now.',
      {
        cause: error,
        retry: 'safe',
        remedy:
          'Check the address in the token, and whether something stands between this computer and the server.',
      },
    );
  }
}

/** The same authority, or one of the two follows the other. */
async function isSameServer(
  { addresses, fingerprint }: EnrolmentToken,
  known: Registration,
): Promise<boolean> {
  const trusted = fingerprintsOf({ certificate: known.authorityCertificate });
  if (trusted.includes(fingerprint)) return true;
  try {
    const present = await fetchAuthority({ addresses, fingerprint });
    if (trusted.includes(present.fingerprint)) return true;
    // Whoever can prove that both lead to it is the server of both.
    const follower = await fetchAuthority({ addresses, fingerprint: known.fingerprint });
    return follower.fingerprint === present.fingerprint;
  } catch (error) {
    if (!(error instanceof McpClientError)) throw error;
    return false;
  }
}

interface Attempt {
  readonly token: EnrolmentToken;
  readonly authority: PinnedAuthority;
  readonly key: ProductKey;
  readonly known: Registration | undefined;
  readonly request: EnrolmentRequest;
  readonly options: EnrolmentOptions;
}

async function register(attempt: Attempt): Promise<Omit<EnrolmentOutcome, 'isStateReplaced'>> {
  const { token, authority, key, known, options } = attempt;
  const { database, clock } = options;
  const store = createRegistrationStore(database);
  let droppedReportCount = 0;
  const save = (product: McpState): void => {
    const registration: Registration = {
      addresses: token.addresses,
      fingerprint: authority.fingerprint,
      authorityCertificate: authority.certificate,
      keyThumbprint: key.thumbprint,
      registeredAt: clock.now(),
      product,
    };
    const isSameProduct =
      known?.fingerprint === authority.fingerprint && known.product.productNumber === product.productNumber;
    // One transaction: an agent never belongs to half a server, and never does one product's commands as another.
    database.transaction(() => {
      if (known !== undefined && !isSameProduct) {
        droppedReportCount = store.forgetWork();
      }
      store.save(registration);
      beginTrustedRepository(database);
      createStateNotes(database).remove('key-shared');
      createStateNotes(database).remove('enrolment-waiting');
    });
  };
  const client = createMcpClient({
    addresses: token.addresses,
    authority,
    signer: createAssertionSigner(key),
    clock,
    store: {
      // An epoch of this server alone: another server counts anew.
      load: () => Promise.resolve(known?.fingerprint === authority.fingerprint ? known.product : undefined),
      save: (product) => Promise.resolve(save(product)),
    },
  });
  try {
    await registerUntilAnswered(client, attempt);
  } finally {
    client.close();
  }
  const registration = store.find();
  if (registration === undefined)
    throw new RegistrationError('NOT_ENROLLED', 'The registration was not saved.');
  return { state: 'enrolled', registration, droppedReportCount };
}

/** Asks until an administrator has decided. Once he has to, an unreachable server is no reason to give up. */
async function registerUntilAnswered(client: McpClient, attempt: Attempt): Promise<RegisteredAnswer> {
  const { token, request, key, options } = attempt;
  const { facts, onProgress, wait, random, clock, database } = options;
  let failures = 0;
  for (let isAwaiting = false; ; ) {
    let delayMs: number;
    try {
      const answer = await client.register(token, facts);
      if (answer.state === 'registered') return answer;
      saveWaiting(database, {
        reason: 'admission',
        sinceMs: clock.now(),
        keyThumbprint: key.thumbprint,
        addresses: token.addresses,
      });
      if (!request.waitsForApproval) throw createAwaitedError(key.thumbprint, answer.retryAfterMs);
      if (!isAwaiting) {
        onProgress(`Key thumbprint: ${key.thumbprint}`);
        onProgress(
          'An administrator has to admit this computer in the console, under Enrolment, Waiting devices, where the same thumbprint must stand. Waiting.',
        );
      }
      isAwaiting = true;
      failures = 0;
      const askedMs = Math.min(MAX_APPROVAL_WAIT_MS, Math.max(MIN_APPROVAL_WAIT_MS, answer.retryAfterMs));
      delayMs = Math.round(askedMs * (1 + 0.2 * random()));
    } catch (error) {
      if (!isAwaiting || !(error instanceof AppError) || error.retry !== 'safe') throw error;
      failures++;
      delayMs = planRetryMs(failures, random());
    }
    await wait(delayMs);
  }
}

function createElsewhereError(known: Registration): RegistrationError {
  return new RegistrationError(
    'ENROLLED_ELSEWHERE',
    `This agent belongs to another server already: ${known.addresses.join(', ')}.`,
    {
      remedy:
        'To move it to the server of the token, run the command again with --force. What it has to report to the old server is then given up.',
      facts: { addresses: known.addresses },
    },
  );
}

function createAwaitedError(keyThumbprint: string, retryAfterMs: number): RegistrationError {
  return new RegistrationError(
    'APPROVAL_AWAITED',
    'This computer waits until an administrator admits it in the console.',
    {
      remedy: `Compare the thumbprint there with ${keyThumbprint}, and run the same command again after that.`,
      facts: { keyThumbprint, retryAfterMs },
    },
  );
}
