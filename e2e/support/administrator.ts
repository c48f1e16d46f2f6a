import { Agent, request } from 'node:https';
import {
  type ApiClient,
  type ApiTransport,
  createApiClient,
  createFirstAdministrator,
  type CurrentSession,
  signIn,
} from '@holdfast/api';

/** What tests sign in with; long and odd enough for the strength check. */
export const administratorName = 'ada';
export const administratorPassword = 'violet harbour semaphore 58';

export interface AdministratorSession {
  readonly client: ApiClient;
  readonly me: CurrentSession;
  close(): void;
}

/** Uses the one-time link like the set-up page does, and stays signed in. */
export async function setUpAdministrator(
  origin: string,
  setupLink: string,
  options: SessionOptions = {},
): Promise<AdministratorSession> {
  const begin = (client: ApiClient): Promise<CurrentSession> =>
    client.call(createFirstAdministrator, {
      body: {
        secret: new URL(setupLink).hash.slice(1),
        name: administratorName,
        displayName: 'Ada Lovelace',
        password: administratorPassword,
      },
    });
  return openSession(origin, begin, options);
}

export async function signInAdministrator(
  origin: string,
  credentials: { readonly name: string; readonly password: string } = {
    name: administratorName,
    password: administratorPassword,
  },
): Promise<AdministratorSession> {
  return openSession(origin, (client) => client.call(signIn, { body: credentials }));
}

export interface SessionOptions {
  /** A relay into the network of the server; see relay.mjs. */
  readonly socketPath?: string;
  /** What the browser says it is. */
  readonly userAgent?: string;
}

/** @param begin what makes the session: a sign-in, or a one-time link */
export async function openSession(
  origin: string,
  begin: (client: ApiClient) => Promise<CurrentSession>,
  { socketPath, userAgent }: SessionOptions = {},
): Promise<AdministratorSession> {
  // The certificate is checked in the tests of the agent and the command line; here the browser's "proceed" is played.
  // Its probes, one a second by default, would be counted as traffic of what is measured.
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true, keepAliveMsecs: 120_000 });
  let cookie = '';
  let csrfToken = '';
  const transport: ApiTransport = (call) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(call.target, origin),
        {
          agent,
          ...(socketPath === undefined ? {} : { socketPath }),
          method: call.method,
          headers: {
            ...call.headers,
            ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
            origin,
            'sec-fetch-site': 'same-origin',
            ...(cookie === '' ? {} : { cookie }),
            ...(csrfToken === '' ? {} : { 'x-csrf-token': csrfToken }),
          },
        },
        (answer) => {
          const [setCookie] = answer.headers['set-cookie'] ?? [];
          if (setCookie !== undefined) cookie = setCookie.split(';')[0] ?? '';
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => (text += chunk));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              contentType: answer.headers['content-type'] ?? '',
              text,
            }),
          );
          answer.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(call.body);
    });
  const client = createApiClient(transport);
  const me = await begin(client).catch((error: unknown) => {
    // Connections that are kept alive would keep the test alive as well.
    agent.destroy();
    throw error;
  });
  csrfToken = me.csrfToken ?? '';
  return { client, me, close: () => agent.destroy() };
}
